"""`manage.py tenant create|list|show|suspend|resume|archive|import|snapshot|restore|swap|…`: organizations."""

from __future__ import annotations

from argparse import ArgumentTypeError
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from kernel import clock
from kernel.actor import Actor
from kernel.errors import DomainError
from kernel.ids import format_public_id, parse_public_id
from provisioning.archives.restoring import differences_of, newest_snapshot_before, restore_beside, swap_restored
from provisioning.archives.services import begin_archive, import_organization
from provisioning.content.reading import blueprint_ids
from provisioning.erasing.proving import require_proof
from provisioning.erasing.services import order_erasure
from provisioning.models import Run
from provisioning.moves import order_move
from provisioning.saga.engine import advance_to_end
from provisioning.sandboxes.ordering import order_sandbox
from provisioning.services import RUN_PREFIX, order_organization
from provisioning.types import OrganizationRequest, RunState
from shared_apps.archives.selectors import archive_by_id
from shared_apps.archives.services import order_archive, order_snapshot
from shared_apps.closing.services import close_organization, reopen_organization
from shared_apps.console.errors import TenantNotFound
from shared_apps.console.selectors import get_tenant, tenant_page
from shared_apps.console.services import resume_organization, suspend_organization
from shared_apps.console.types import TenantRow
from shared_apps.plans.services import DEFAULT_PLAN
from tenants.clusters import has_several
from tenants.errors import SlugRefused
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tenants.storage import large_files

_MEBIBYTE = 1024 * 1024
_ACTOR = Actor.system("manage.py tenant")
# The step that it waits for may be a large organization's.
_PATIENCE_SECONDS = 3600


class Command(BaseCommand):
    help = "Create and look at organizations; suspend, archive, import, restore, move, copy and close them."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        creating = actions.add_parser("create", help="create an organization and wait until it is live")
        creating.add_argument("slug")
        creating.add_argument("--name", required=True)
        creating.add_argument("--owner", required=True, metavar="EMAIL")
        creating.add_argument("--blueprint", required=True, choices=blueprint_ids())
        creating.add_argument("--plan", default=DEFAULT_PLAN)
        creating.add_argument("--brand", default="", metavar="#RRGGBB")
        creating.add_argument("--locale", default="")
        creating.add_argument("--currency", default="")
        creating.add_argument("--time-zone", default="")
        listing = actions.add_parser("list", help="by their address")
        listing.add_argument("--status", default="")
        listing.add_argument("--after", metavar="CURSOR", help="the next page, as printed at the end of this one")
        actions.add_parser("show").add_argument("slug")
        for action, meaning in (("suspend", "take it out of service; its data stay"), ("resume", "put it back into service")):
            acting = actions.add_parser(action, help=meaning)
            acting.add_argument("slug")
            acting.add_argument("--reason", default="", help="for the audit trail")
            if action == "suspend":
                acting.add_argument("--tell", default="", metavar="TEXT", help="what its owners read")
        archiving = actions.add_parser("archive", help="write all of an organization into one signed file")
        archiving.add_argument("slug")
        archiving.add_argument("--output", type=Path, required=True, metavar="FILE")
        importing = actions.add_parser("import", help="bring an organization to life from an archive")
        importing.add_argument("file", type=Path)
        importing.add_argument("--slug", required=True)
        importing.add_argument("--plan", default="", help="by default the one it had")
        actions.add_parser("snapshot", help="keep what is there now, to go back to").add_argument("slug")
        restoring = actions.add_parser("restore", help="restore a snapshot beside what is there, and compare")
        restoring.add_argument("slug")
        restoring.add_argument("--before", type=_instant, default=None, metavar="TIME", help="with its zone; by default now")
        moving = actions.add_parser("move", help="let an organization live on another cluster")
        moving.add_argument("slug")
        moving.add_argument("--to", required=True, metavar="CLUSTER", help="a name of CLUSTERS, or default")
        cloning = actions.add_parser("clone", help="copy an organization to a sandbox, without its customers")
        cloning.add_argument("slug")
        cloning.add_argument("--replace", default="", metavar="SANDBOX", help="the name of the sandbox that is lost by this")
        swapping = actions.add_parser("swap", help="put what a run restored in the organization's place")
        swapping.add_argument("slug")
        swapping.add_argument("run")
        closing = actions.add_parser("close", help="serve it no more; erased when its grace is over, until then to be reopened")
        closing.add_argument("slug")
        actions.add_parser("reopen", help="let a closed one be as it was").add_argument("slug")
        actions.add_parser("erase", help="erase a closed one now, and prove it").add_argument("slug")

    def handle(self, *, action: str, **options: Any) -> None:  # Any: Django's own options
        try:
            getattr(self, f"_{action}")(options)
        except SlugRefused as error:
            free = ", ".join(error.suggestions)
            raise CommandError(f"{error.message} Free: {free}" if free else error.message) from error
        except DomainError as error:
            raise CommandError(error.message) from error

    def _create(self, options: dict[str, Any]) -> None:  # Any: as above
        request = OrganizationRequest(
            slug=options["slug"],
            name=options["name"],
            owner_email=options["owner"],
            blueprint=options["blueprint"],
            plan_code=options["plan"],
            brand_color=options["brand"],
            locale=options["locale"],
            currency=options["currency"],
            time_zone=options["time_zone"],
        )
        run = self._watch(order_organization(actor=_ACTOR, request=request))
        self._tell(run.request["slug"])

    def _show(self, options: dict[str, Any]) -> None:  # Any: as above
        self._tell(options["slug"])

    def _suspend(self, options: dict[str, Any]) -> None:  # Any: as above
        self._act(partial(suspend_organization, words_for_owners=options["tell"]), options)

    def _resume(self, options: dict[str, Any]) -> None:  # Any: as above
        self._act(resume_organization, options)

    def _act(self, act: Callable[..., None], options: dict[str, Any]) -> None:  # Any: as above
        tenant = _find(options["slug"]).tenant
        act(actor=_ACTOR, tenant_id=tenant.pk, confirmed_name=tenant.slug, reason=options["reason"])
        self._tell(tenant.slug)

    def _archive(self, options: dict[str, Any]) -> None:  # Any: as above
        row, output = _find(options["slug"]), options["output"]
        archive = order_archive(actor=_ACTOR, tenant_id=row.tenant.pk)
        self._watch(begin_archive(archive.public_id))
        archive = archive_by_id(archive.public_id)
        with tenant_scope(row.tenant), output.open("wb") as file:
            for block in large_files().read_range(archive.file_name, 0, archive.size_bytes or 0):
                file.write(block)
        self.stdout.write(f"{output}: {archive.size_bytes} bytes, {archive.total} rows and files, sha256 {archive.sha256}")

    def _import(self, options: dict[str, Any]) -> None:  # Any: as above
        path = options["file"]
        try:
            with path.open("rb") as file:
                run = import_organization(actor=_ACTOR, file=file, slug=options["slug"], plan_code=options["plan"])
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror or error}") from error
        self._tell(self._watch(run).request["slug"])

    def _snapshot(self, options: dict[str, Any]) -> None:  # Any: as above
        archive = order_snapshot(actor=_ACTOR, tenant_id=_find(options["slug"]).tenant.pk)
        if archive is not None:
            self._watch(begin_archive(archive.public_id))

    def _restore(self, options: dict[str, Any]) -> None:  # Any: as above
        tenant = _find(options["slug"]).tenant
        archive_id = newest_snapshot_before(tenant_id=tenant.pk, moment=options["before"] or clock.now())
        run = self._watch(restore_beside(actor=_ACTOR, archive_id=archive_id))
        self.stdout.write(f"{'table':<28}{'comes back':>12}{'changes':>10}{'goes':>8}{'same':>10}")
        for line in differences_of(run):
            self.stdout.write(f"{line.table:<28}{line.added:>12}{line.changed:>10}{line.removed:>8}{line.same:>10}")
        run_id = format_public_id(RUN_PREFIX, run.public_id)
        self.stdout.write(f"To put it in place: manage.py tenant swap {tenant.slug} {run_id}")

    def _move(self, options: dict[str, Any]) -> None:  # Any: as above
        tenant_id = _find(options["slug"]).tenant.pk
        self._watch(order_move(actor=_ACTOR, tenant_id=tenant_id, cluster=options["to"]))
        self._tell(options["slug"])

    def _clone(self, options: dict[str, Any]) -> None:  # Any: as above
        tenant_id = _find(options["slug"]).tenant.pk
        run = self._watch(order_sandbox(actor=_ACTOR, tenant_id=tenant_id, confirmed_name=options["replace"]))
        self._tell(run.request["slug"])

    def _swap(self, options: dict[str, Any]) -> None:  # Any: as above
        run_id = parse_public_id(RUN_PREFIX, options["run"])
        self._watch(swap_restored(actor=_ACTOR, run_id=run_id, confirmed_name=options["slug"]))
        self._tell(options["slug"])

    def _reopen(self, options: dict[str, Any]) -> None:  # Any: as above
        self._tell(reopen_organization(actor=_ACTOR, tenant_id=_find(options["slug"]).tenant.pk).slug)

    def _close(self, options: dict[str, Any]) -> None:  # Any: as above
        tenant = close_organization(actor=_ACTOR, tenant_id=_find(options["slug"]).tenant.pk)
        self._tell(tenant.slug)
        self.stdout.write(f"Erased at {tenant.erases_at}. Until then: manage.py tenant reopen {tenant.slug}")

    def _erase(self, options: dict[str, Any]) -> None:  # Any: as above
        tenant = _find(options["slug"]).tenant
        run = self._watch(order_erasure(actor=_ACTOR, tenant_id=tenant.pk, confirmed_name=tenant.slug))
        proof = require_proof(run)
        self.stdout.write(f"Looked at {proof.looked_at} things in {len(proof.places)} places; found {proof.found}.")

    def _watch(self, run: Run) -> Run:
        """Work on the run until it ends, and show its steps."""
        state = advance_to_end(run.pk, patience_seconds=_PATIENCE_SECONDS)
        run = Run.objects.get(pk=run.pk)
        for step in run.steps.order_by("position"):
            self.stdout.write(f"{step.name:<14}{step.state:<10}{step.duration_ms or 0:>6} ms  {step.error}")
        if state != RunState.DONE:
            raise CommandError(f"The run is {state}: {run.error or 'see `manage.py provisioning runs`'}")
        return run

    def _list(self, options: dict[str, Any]) -> None:  # Any: as above
        page = tenant_page(_ACTOR, state=options["status"], cursor=options["after"])
        self.stdout.write(f"{'slug':<24}{'state':<14}{'plan':<10}{'version':<14}{'MB':>6}  address")
        for row in page.rows:
            tenant = row.tenant
            size = _megabytes(row)
            columns = f"{tenant.slug:<24}{tenant.status:<14}{tenant.plan_code:<10}{tenant.schema_version:<14}{size:>6}"
            self.stdout.write(f"{columns}  {row.url}")
        if page.next_cursor:
            self.stdout.write(f"more: --after {page.next_cursor}")

    def _tell(self, slug: str) -> None:
        """What there is to know of an organization."""
        row = _find(slug)
        tenant = row.tenant
        facts = {
            "name": tenant.name,
            "address": row.url,
            "state": tenant.status,
            "plan": tenant.plan_code,
            "trial ends": tenant.trial_ends_at and tenant.trial_ends_at.date(),
            "owner": tenant.owner_email,
            "sandbox of": tenant.sandbox_of and tenant.sandbox_of.slug,
            "kind": tenant.kind,
            "place": f"{tenant.locale}, {tenant.currency}, {tenant.time_zone}",
            "schema": f"{tenant.schema_name} at {tenant.schema_version}",
            "size": f"{_megabytes(row)} MB",
        }
        if has_several():
            facts["cluster"] = tenant.database
        for name, value in facts.items():
            self.stdout.write(f"{name:<12}{value}")


def _instant(text: str) -> datetime:
    """A time that means the same wherever it is read: the server's zone is nobody's."""
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ArgumentTypeError("say the zone, too: 2026-11-21T09:00+01:00")
    return instant


def _find(slug: str) -> TenantRow:
    tenant_id = Tenant.objects.filter(slug__iexact=slug).values_list("pk", flat=True).first()
    if tenant_id is None:
        raise TenantNotFound(_("There is no organization “%(slug)s”.") % {"slug": slug})
    return get_tenant(_ACTOR, tenant_id)


def _megabytes(row: TenantRow) -> str:
    return f"{(row.size_bytes or 0) / _MEBIBYTE:.1f}"
