"""What pages and steps read about sandboxes. Each enters the platform's scope by itself: a marketplace's may ask."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db.models import Func, IntegerField, QuerySet
from django.db.models.fields.json import KT, KeyTransform
from django.utils.translation import gettext as _

from kernel.actor import Actor
from kernel.paging import Page, fetch_page
from provisioning.errors import RunNotFound
from provisioning.models import KeptMail, Run, Step
from provisioning.sandboxes.errors import NoSandbox
from provisioning.sandboxes.naming import is_name_of_sandbox
from provisioning.selectors import with_steps
from provisioning.types import RunKind, RunState
from tenants.models import Tenant
from tenants.scope import platform_scope

MAIL_PREFIX: Final = "mail"
_MAKING: Final = (RunState.PENDING, RunState.RUNNING)


@dataclass(frozen=True, slots=True)
class Promotion:
    """A promotion and what came of it: `outcome` is empty as long as nothing did, `refusal` says why nothing was changed."""

    run: Run
    outcome: str = ""
    refusal: str = ""
    count: int = 0


def sandbox_of(tenant_id: UUID) -> Tenant | None:
    """The registry's row of an organization's sandbox, with its domains (two queries)."""
    with platform_scope(reason="sandbox"):
        return Tenant.objects.prefetch_related("domains").select_related("sandbox_of").filter(sandbox_of_id=tenant_id).first()


def making_of(sandbox_id: UUID) -> Run | None:
    """The run that made a sandbox."""
    with platform_scope(reason="run of a sandbox"):
        return _clones().filter(tenant_id=sandbox_id).first()


def clone_under_way(tenant_id: UUID) -> Run | None:
    """The run that is making a sandbox of this organization."""
    with platform_scope(reason="clone under way"):
        return _clones().filter(request__source=tenant_id.hex, state__in=_MAKING).order_by("-id").first()


def is_being_made(slug: str) -> bool:
    """Whether a run is making the sandbox of this name (one query where it can be one's name, else none).

    While a fresh sandbox takes an old one's place, there is none for a moment.
    """
    if not is_name_of_sandbox(slug):
        return False
    with platform_scope(reason="is a sandbox being made"):
        return _clones().filter(request__slug=slug, state__in=_MAKING).exists()


def latest_clone(tenant_id: UUID) -> Run | None:
    """The newest run that made, or was to make, a sandbox of this organization (two queries)."""
    with platform_scope(reason="latest clone"):
        return _clones().filter(request__source=tenant_id.hex).order_by("-id").first()


def promotions_of(tenant_id: UUID, *, limit: int) -> list[Promotion]:
    """What was brought back into this organization, or was to be, the newest first (three queries)."""
    with platform_scope(reason="promotions"):
        runs = with_steps().filter(kind=RunKind.PROMOTE_SANDBOX, tenant_id=tenant_id).order_by("-id")[:limit]
        noted = Step.objects.filter(run__in=[run.pk for run in runs], name="apply")
        made = Func(KeyTransform("changes", "result"), function="jsonb_array_length", output_field=IntegerField())
        told = {
            run_pk: (outcome or "", refusal or "", count or 0)
            for run_pk, outcome, refusal, count in noted.values_list("run", KT("result__outcome"), KT("result__message"), made)
        }
    return [Promotion(run, *told.get(run.pk, ())) for run in runs]


def promotion_run(*, tenant_id: UUID, run_id: UUID) -> Run:
    """The run of a promotion into this organization (one query).

    Raises:
        RunNotFound: there was no such one here.
    """
    with platform_scope(reason="promotion"):
        run = Run.objects.filter(public_id=run_id, kind=RunKind.PROMOTE_SANDBOX, tenant_id=tenant_id).first()
    if run is None:
        raise RunNotFound(_("There is no such run."))
    return run


def kept_mails_for(*, actor: Actor, tenant_id: UUID, cursor: str | None, limit: int) -> Page[KeptMail]:
    """What a sandbox would have sent, the newest first (one query).

    A letter may hold a way in for whom it is for, so it is for those who may do everything here anyway.

    Raises:
        PermissionDenied: the actor does not edit settings.
    """
    actor.require("settings.edit")
    with platform_scope(reason="kept mail"):
        return fetch_page(KeptMail.objects.filter(tenant_id=tenant_id), order=("-id",), cursor=cursor, limit=limit)


def kept_mail_for(*, actor: Actor, tenant_id: UUID, mail_id: UUID) -> KeptMail:
    """One letter of this sandbox (one query).

    Raises:
        PermissionDenied: the actor does not edit settings. NoSandbox: there is no such letter here.
    """
    actor.require("settings.edit")
    with platform_scope(reason="kept mail"):
        found = KeptMail.objects.filter(tenant_id=tenant_id, public_id=mail_id).first()
    if found is None:
        raise NoSandbox(_("There is nothing at this address."))
    return found


def _clones() -> QuerySet[Run]:
    return with_steps().filter(kind=RunKind.CLONE_ORGANIZATION)
