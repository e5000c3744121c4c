"""Where the console shows a run."""

from __future__ import annotations

from django.urls import reverse

from kernel.ids import format_public_id
from provisioning.models import Run
from provisioning.services import RUN_PREFIX


def run_url(run: Run) -> str:
    """Its page: the steps as they are done, and for an erasure the proof."""
    return reverse("console_run", args=[format_public_id(RUN_PREFIX, run.public_id)])
