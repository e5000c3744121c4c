"""Notes what plans sell by the piece and many of which come at once: counted like requests, in the memory of this process."""

from __future__ import annotations

from tenants.scope import current_tenant
from tenants.traffic.flushing import flusher
from tenants.traffic.meter import meter


def note_api_call() -> None:
    """A program's call to the marketplace in scope was answered."""
    meter.note_api_call(current_tenant().id)
    flusher.ensure_running()


def note_mail() -> None:
    """A letter of the marketplace in scope went out."""
    meter.note_mail(current_tenant().id)
    flusher.ensure_running()
