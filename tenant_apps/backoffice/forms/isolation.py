"""Asking for an isolation report."""

from __future__ import annotations

from webui.forms import StoaForm


class IsolationForm(StoaForm):
    """A button alone; a refusal stands above it."""
