"""Webhooks on their way out: signed, in order or not, once or twice, held back, dropped, tried again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from integrations.stripe.fake.refusals import Obj
from integrations.stripe.fake.store import Store
from integrations.stripe.fake.unit import visible
from integrations.stripe.webhooks import signature_of
from kernel import clock

# Stripe tries for three days; here a platform that is being restarted has to be met again.
BACKOFF_SECONDS: Final = (1, 2, 4, 8, 15, 30, 60, 60)


@dataclass(frozen=True, slots=True)
class Webhook:
    """One event as it is sent: the body to the byte, and the header that signs it."""

    event_id: str
    type: str
    body: bytes
    signature: str


@dataclass
class Outgoing:
    """What waits. `secrets` are those of the endpoint: while one is rotated each signs."""

    store: Store
    secrets: Sequence[str]
    is_held: bool = False
    duplicates: bool = False
    reorders: bool = False
    drops: int = 0
    _retries: dict[str, float] = field(default_factory=dict)

    def take(self, *, moment: float = 0.0) -> list[Webhook]:
        """All that may be sent now; whoever takes them says with `note` what became of each."""
        if self.is_held:
            return []
        ready = [each for each in self.store.fresh if self._retries.get(each, 0.0) <= moment]
        self.store.fresh = [each for each in self.store.fresh if each not in set(ready)]
        ready = [each for each in ready if not self._is_dropped(each)]
        if self.reorders:
            ready.reverse()
        if self.duplicates:
            ready = [each for event_id in ready for each in (event_id, event_id)]
        return [self.signed(each) for each in ready]

    def signed(self, event_id: str) -> Webhook:
        """An event as it is sent, signed at this second of the real time: it is the receiver's clock that counts."""
        event = self.store.find("event", event_id) or {}
        body = json.dumps(visible(event), indent=2).encode()
        moment = int(clock.now().timestamp())
        signatures = ",".join(f"v1={signature_of(body, secret, signed_at=moment)}" for secret in self.secrets)
        return Webhook(event_id, str(event["type"]), body, f"t={moment},{signatures}")

    def note(self, event_id: str, *, arrived: bool, moment: float = 0.0) -> None:
        """What became of it: done, or to be tried again for as long as the backoff goes."""
        event = self.store.find("event", event_id)
        if event is None:
            return
        attempts = int(event["_attempts"]) + 1
        again = not arrived and attempts <= len(BACKOFF_SECONDS)
        if again and event_id not in self.store.fresh:
            self._retries[event_id] = moment + BACKOFF_SECONDS[attempts - 1]
            self.store.fresh.append(event_id)
        self._write(event, _attempts=attempts, _waiting=again, pending_webhooks=1 if again else 0)

    def send_again(self, event_id: str) -> None:
        """As by hand from Stripe's dashboard."""
        self._retries.pop(event_id, None)
        if self.store.find("event", event_id) is not None and event_id not in self.store.fresh:
            self.store.fresh.append(event_id)

    def _is_dropped(self, event_id: str) -> bool:
        if self.drops <= 0:
            return False
        self.drops -= 1
        event = self.store.find("event", event_id)
        if event is not None:
            self._write(event, _waiting=False, pending_webhooks=0)
        return True

    def _write(self, event: Obj, **changes: object) -> None:
        self.store.commit([("event", str(event["id"]), {**event, **changes})])
