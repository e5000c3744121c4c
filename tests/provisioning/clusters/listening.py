"""An event whose handler leaves a category where its tenant lives."""

from __future__ import annotations

from dataclasses import dataclass

from kernel.events import Event
from tests.factories.market import make_category


@dataclass(frozen=True)
class SignHung(Event):
    """Somebody hung up a sign."""

    name: str


def note(event: SignHung) -> None:
    make_category(f"Sign {event.name}")


SUBSCRIPTIONS = {SignHung: ("tests.provisioning.clusters.listening.note",)}
