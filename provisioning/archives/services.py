"""What can be asked for: an archive of an organization, and an organization from an archive."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import IO, Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from kernel.actor import Actor
from kernel.ids import new_id
from provisioning.archives.errors import ArchiveDoesNotFit
from provisioning.archives.inbox import put_in, take_out
from provisioning.archives.manifest import Manifest
from provisioning.archives.reading import opened_archive, verify_archive
from provisioning.archives.versions import require_way
from provisioning.doorbell import ring
from provisioning.errors import RunNotReady
from provisioning.models import Run
from provisioning.requests import check_request
from provisioning.services import create_run
from provisioning.types import OrganizationRequest, RunKind
from shared_apps.archives.selectors import archive_by_id
from shared_apps.packages.selectors import package_of_today
from shared_apps.plans.selectors import offered_plans
from tenants.models import Tenant
from tenants.registry import check_slug, reserve_name
from tenants.scope import platform_scope
from themes.engine.errors import UnknownPackageError

_ACTOR = Actor.system("archives")


def begin_archive(archive_id: UUID) -> Run:
    """Write down the run that writes this archive. May be called again: it is the same run. No bell is rung.

    Raises:
        ArchiveNotFound: there is none. RunNotReady: its organization is gone.
    """
    archive = archive_by_id(archive_id)
    request = replace(request_about(archive.tenant_id), archive=archive.public_id.hex)
    return create_run(
        actor=_ACTOR,
        request=request,
        idempotency_key=f"archive:{archive.public_id.hex}",
        kind=RunKind.ARCHIVE_ORGANIZATION,
        tenant_id=archive.tenant_id,
    )


def request_about(tenant_id: UUID) -> OrganizationRequest:
    """What a run about an organization that is there is told of it (one query).

    Raises:
        RunNotReady: it is gone.
    """
    with platform_scope(reason="run about organization"):
        row = Tenant.objects.filter(pk=tenant_id).first()
    if row is None:
        raise RunNotReady(_("There is no such organization any more."))
    return OrganizationRequest(
        slug=row.slug, name=row.name, owner_email=row.owner_email, blueprint=row.kind, plan_code=row.plan_code
    )


def import_organization(*, actor: Actor, file: IO[bytes], slug: str, plan_code: str = "") -> Run:
    """Start an organization from an archive, under a name of its own; its ids stay, its secrets were never in the file.

    The whole file is read and compared before anything is written down; workers are rung for after the commit.

    Raises:
        PermissionDenied: not for this actor.
        SlugRefused: the name cannot be had; blames `slug`.
        ArchiveRefused: the file is not to be believed, or of a version without a way to this one; each kind has its class.
        ArchiveDoesNotFit: its theme or plan is not there.
        Invalid: a value in it makes no sense here; blames its field.
    """
    actor.require("tenants.create")
    check_slug(slug)
    with opened_archive(file) as archive:
        verify_archive(archive)
        manifest = archive.manifest
    request = replace(check_request(_request(manifest, slug, plan_code)), cluster=settings.NEW_ORGANIZATIONS_CLUSTER)
    require_way(manifest)
    run_id = new_id()
    name = put_in(file, run_id=run_id)
    try:
        return _order(actor, request, name, run_id)
    except BaseException:
        take_out(name)
        raise


def _request(manifest: Manifest, slug: str, plan_code: str) -> OrganizationRequest:
    chosen: dict[str, Any] = dict(manifest.settings)  # Any: JSON
    try:
        package_of_today(chosen["theme_package"])
    except UnknownPackageError:
        raise ArchiveDoesNotFit(
            _("This marketplace wears the theme “%(name)s”, which is not installed here.") % {"name": chosen["theme_package"]}
        ) from None
    return OrganizationRequest(
        slug=slug,
        name=chosen["name"],
        owner_email=chosen["owner_email"],
        blueprint=chosen["kind"],
        plan_code=_plan(plan_code or chosen["plan_code"]),
        locale=chosen["locale"],
        currency=chosen["currency"],
        time_zone=chosen["time_zone"],
    )


def _plan(code: str) -> str:
    with platform_scope(reason="plans on offer"):
        offered = [plan.code for plan in offered_plans()]
    if code not in offered:
        raise ArchiveDoesNotFit(
            _("There is no plan “%(code)s” here. Choose one of these: %(offered)s.")
            % {"code": code, "offered": ", ".join(offered)}
        )
    return code


def _order(actor: Actor, request: OrganizationRequest, name: str, run_id: UUID) -> Run:
    request = OrganizationRequest(**request.as_json() | {"archive": name})
    with platform_scope(reason="import organization"), transaction.atomic():
        run = create_run(
            actor=actor, request=request, idempotency_key=run_id.hex, public_id=run_id, kind=RunKind.IMPORT_ORGANIZATION
        )
        reserve_name(slug=request.slug, holder=run_id)
        transaction.on_commit(partial(ring, run.pk), robust=True)
    return run
