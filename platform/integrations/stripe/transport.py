"""The road from Stripe's library to the network: our one client, ten seconds at most, and no second try of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, override

import stripe

from integrations.stripe.errors import Away
from kernel.breaker import Breaker
from kernel.errors import ForbiddenAddress, OutsideFailure, PermanentFailure
from kernel.http_client import HttpClient, Limits

LIMITS: Final = Limits(connect_seconds=3.0, read_seconds=9.0, total_seconds=10.0, max_redirects=0)
_AWAY_SECONDS: Final = 5.0
# What stands in front of Stripe answers so; its own failure of one request is a 500 and says nothing of the next.
_AWAY_STATUSES: Final = frozenset({502, 503, 504})
# Failures in which nothing of the request has left: no connection, no name, no certificate.
_BEFORE_SENDING: Final = frozenset({"connection_failed", "resolution_failed", "unknown_host", "certificate_refused"})
# Somebody was there: one broken connection says nothing of the next.
_ANSWERED_SOMEHOW: Final = frozenset({"connection_broken", "broken_answer", "answer_too_large", "malformed_request"})


class Transport(stripe.HTTPClient):
    """For the library's place for an HTTP client. Safe for threads.

    While Stripe does not answer, one caller in five seconds asks for all; the others are told at once (F05): no thread of a
    page waits ten seconds for what the one before has just waited for.
    """

    name = "stoa"

    def __init__(self, client: HttpClient, *, breaker: Breaker | None = None) -> None:
        super().__init__()
        self._client = client
        self._breaker = breaker or Breaker(_AWAY_SECONDS)

    @override
    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        post_data: object = None,
        *,
        _usage: list[str] | None = None,
    ) -> tuple[str, int, Mapping[str, str]]:
        if not self._breaker.may_try():
            raise Away("Stripe did not answer a moment ago", code="stripe_breaker_open", was_sent=False)
        content = str(post_data).encode() if post_data is not None else None
        try:
            answer = self._client.request(method.upper(), url, headers=headers, content=content)
        except ForbiddenAddress:
            raise
        except OutsideFailure as failure:
            if failure.code not in _ANSWERED_SOMEHOW:
                self._breaker.note_failure()
            raise _away(failure) from None
        if answer.status in _AWAY_STATUSES:
            self._breaker.note_failure()
        else:
            self._breaker.note_success()
        return answer.text, answer.status, answer.headers

    @override
    def close(self) -> None:
        self._client.close()


def _away(failure: OutsideFailure) -> Away | PermanentFailure:
    was_sent = failure.code not in _BEFORE_SENDING
    if failure.code == "malformed_request":
        return PermanentFailure(failure.message, code=failure.code)
    return Away(f"Stripe: {failure.message}", code=failure.code, was_sent=was_sent)
