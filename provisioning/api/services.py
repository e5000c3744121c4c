"""Asking for an organization by program."""

from __future__ import annotations

from functools import partial

from django.db import transaction

from kernel.actor import Actor
from kernel.ids import new_id
from provisioning.doorbell import ring
from provisioning.models import Run
from provisioning.requests import check_request
from provisioning.services import create_run
from provisioning.types import OrganizationRequest
from tenants.registry import reserve_name


def order_organization(*, actor: Actor, request: OrganizationRequest) -> Run:
    """Start an organization: its name is held and its run written down; the workers are rung for after the commit.

    Each call is another order: who may have to ask again sends an idempotency key, and is answered from its record.

    Raises:
        PermissionDenied: not for this actor.
        SlugRefused: the name cannot be had; blames `slug`.
        Invalid: another value makes no sense; blames its field.
    """
    request = check_request(request)
    with transaction.atomic():
        run_id = new_id()
        run = create_run(actor=actor, request=request, idempotency_key=run_id.hex, public_id=run_id)
        reserve_name(slug=request.slug, holder=run_id)
        transaction.on_commit(partial(ring, run.pk), robust=True)
    return run
