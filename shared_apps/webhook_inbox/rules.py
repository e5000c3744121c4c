"""What follows from an event by its words alone: which object to look at, whose it may be, and what may be stored of it."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any, Final
from uuid import UUID

from kernel.scrubbing import STRUCK, scrubbed
from shared_apps.webhook_inbox.types import EventState, Shown, Subject

KEY_OF_JOBS: Final = "webhook:"
_TENANT: Final = "tenant_id"
# Whoever has such an address pays, sees or changes without signing in.
_BEARERS: Final = frozenset({"hosted_invoice_url", "invoice_pdf", "receipt_url", "hosted_verification_url"})
# PostgreSQL's jsonb takes neither of them.
_UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")
_REPLACEMENT: Final = "\ufffd"


def kind_of(event_type: str) -> str:
    """What an event is about: its type without what happened (`customer.subscription.updated` → `customer.subscription`)."""
    return event_type.rpartition(".")[0]


def subject_of(event_type: str, content: Mapping[str, Any], kinds: Collection[str]) -> Subject | None:  # Any: Stripe's object
    """The object to fetch: the event's own where its kind is one of `kinds`; else the nearest one above that it names.

    A tax number's event (`customer.tax_id.created`) makes us look at its `customer`. None where nobody wants to know.
    """
    kind = own = kind_of(event_type)
    while kind:
        object_id = id_in(content, "id" if kind == own else kind.rpartition(".")[2])
        if kind in kinds and object_id:
            return Subject(kind, object_id)
        kind = kind.rpartition(".")[0]
    return None


def customer_in(content: Mapping[str, Any]) -> str:  # Any: as above
    """The customer that an object belongs to, or is; empty for none."""
    return id_in(content, "id") if content.get("object") == "customer" else id_in(content, "customer")


def tenant_in(content: Mapping[str, Any]) -> UUID | None:  # Any: as above
    """The organization that we have written onto the object ourselves, as far as it is an id."""
    written = content.get("metadata")
    text = written.get(_TENANT) if isinstance(written, Mapping) else None
    try:
        return UUID(str(text)) if text else None
    except ValueError:
        return None


def id_in(content: Mapping[str, Any], name: str) -> str:  # Any: as above
    """The id under `name`, where the object itself may stand in its place; empty for none."""
    value = content.get(name)
    if isinstance(value, Mapping):
        value = value.get("id")
    return value if isinstance(value, str) else ""


def job_key(event_id: str, life: int) -> str:
    """By which the job of an event's life is found in the outbox."""
    return f"{KEY_OF_JOBS}{event_id}:{life}"


def counter_name(code: str, on_date: str) -> str:
    """What the count of a day is called."""
    return f"webhooks:{on_date}:{code}"


def shown_state(state: EventState, *, failures: int, is_dead: bool) -> Shown:
    """How an event is shown: waiting ones apart by what has become of their job."""
    if state != EventState.WAITING:
        return Shown(state.value)
    if is_dead:
        return Shown.GIVEN_UP
    return Shown.FAILING if failures else Shown.WAITING


def storable(content: Mapping[str, Any]) -> dict[str, object]:  # Any: as above
    """What may be kept of an object: without secrets, without addresses that open something, and such that it can be stored."""
    return {_clean(str(name)): _storable(str(name), value) for name, value in content.items()}


def _storable(name: str, value: object) -> object:
    match value:
        case Mapping():
            return {_clean(str(key)): _storable(str(key), inner) for key, inner in value.items()}
        case list():
            return [_storable(name, inner) for inner in value]
        case str() if value and name in _BEARERS:
            return STRUCK
        case str():
            return _clean(str(scrubbed(name, value)))
    return value


def _clean(text: str) -> str:
    return _UNSTORABLE.sub(_REPLACEMENT, text)
