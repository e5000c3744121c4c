"""What happens to a marketplace's look that others react to."""

from __future__ import annotations

from dataclasses import dataclass

from kernel.events import Event


@dataclass(frozen=True)
class IdentityChanged(Event):
    """Name, words or colour are others now: stylesheet and brand pictures are to be written anew."""
