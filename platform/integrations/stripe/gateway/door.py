"""What every group of commands shares: the library's client, the account it speaks for, and how keys are handed over."""

from __future__ import annotations

from dataclasses import dataclass

import stripe

from kernel.errors import PermanentFailure

_LONGEST_KEY = 255


@dataclass(frozen=True, slots=True, repr=False)
class Door:
    """A client and, for Connect, whose account is meant; the platform's own when empty. Without `repr`: it holds the key."""

    client: stripe.StripeClient
    account: str = ""

    @property
    def v1(self) -> stripe.V1Services:
        """The library's services."""
        return self.client.v1

    def reading(self) -> stripe.RequestOptions:
        """Options of a question that changes nothing."""
        return {"stripe_account": self.account} if self.account else {}

    def command(self, idempotency_key: str) -> stripe.RequestOptions:
        """Options of a command. The caller has stored the key before, and asks again with the same (R27).

        Raises:
            PermanentFailure: it is no key. The library would make one up, and a second try would be a second charge.
        """
        if not idempotency_key or len(idempotency_key) > _LONGEST_KEY:
            raise PermanentFailure("an idempotency key has 1 to 255 letters", code="stripe_no_key")
        return {**self.reading(), "idempotency_key": idempotency_key}
