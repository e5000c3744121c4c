"""One request of a tenant, from the door to the last byte of its answer: let in or turned away, and counted once."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Final, Self

from django.conf import settings
from django.http.response import HttpResponseBase, StreamingHttpResponse

from tenants.context import TenantContext
from tenants.limits import RequestLimits
from tenants.traffic.flushing import flusher
from tenants.traffic.gate import gate
from tenants.traffic.meter import meter

_FAILED: Final = HTTPStatus.INTERNAL_SERVER_ERROR


class Visit:
    """A request whose tenant is known. Whoever makes one answers it within `answered`."""

    __slots__ = ("_begun", "_is_maintenance", "_is_over", "_is_turned_away", "_share", "_tenant")

    def __init__(self, tenant: TenantContext) -> None:
        self._begun = time.perf_counter()
        self._tenant = tenant
        self._share: tuple[object, str] | None = None
        self._is_turned_away = False
        self._is_maintenance = False
        self._is_over = False

    def turned_away(self, path: str) -> int | None:
        """In how many seconds to come back, where the tenant's limits turn the request away; else None.

        The staff's pages and signing in have limits of their own, as files have: a crowd in the storefront does not close them.
        """
        kind, limits = _limits_of(path, self._tenant.request_limits)
        share = (self._tenant.id, kind)
        wait = gate.enter(share, limits)
        if wait is None:
            self._share = share
            return None
        self._is_turned_away = True
        return math.ceil(wait)

    def show_maintenance(self) -> None:
        """The answer is the maintenance page, which stands on purpose: 503 to the visitor, and no error of ours."""
        self._is_maintenance = True

    def answered(self, answer: Callable[[], HttpResponseBase]) -> HttpResponseBase:
        """The answer, which is counted now, or when the server closes it after having sent its last part."""
        try:
            response = answer()
        except BaseException:
            self._end(_FAILED)
            raise
        if isinstance(response, StreamingHttpResponse) and not response.is_async:
            parts: Iterator[bytes] = iter(response.streaming_content)  # type: ignore[arg-type]  # not async, said above
            response.streaming_content = _Parts(parts, response.status_code, self._end)
        else:
            self._end(response.status_code)
        return response

    def _end(self, status: int) -> None:
        if self._is_over:
            return
        self._is_over = True
        if self._share is not None:
            gate.leave(self._share)
        if self._is_turned_away:
            meter.note_throttled(self._tenant.id)
        elif not self._is_maintenance:
            meter.note(self._tenant.id, status=status, seconds=time.perf_counter() - self._begun)
        flusher.ensure_running()


def _limits_of(path: str, limits: RequestLimits) -> tuple[str, RequestLimits]:
    """Which share of a tenant's limits an address counts in, and how large that is."""
    if path.startswith(settings.STAFF_PATHS):
        return "staff", limits.for_staff()
    if path.startswith(settings.MEDIA_URL):
        return "files", limits.for_files()
    return "pages", limits


class _Parts:
    """Parts of an answer, until `end` is told what became of it.

    Django closes what it was given when the answer is out, and also when nobody wanted it to the end.
    """

    def __init__(self, parts: Iterator[bytes], status: int, end: Callable[[int], None]) -> None:
        self._parts = parts
        self._status = status
        self._end = end

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> bytes:
        try:
            return next(self._parts)
        except StopIteration:
            raise
        except BaseException:
            self._status = _FAILED
            raise

    def close(self) -> None:
        self._end(self._status)
