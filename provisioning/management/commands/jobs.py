"""`manage.py jobs status|list|replay|cancel|schedules`: everybody's events and jobs by hand."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from kernel import clock
from kernel.actor import Actor
from kernel.errors import DomainError
from kernel.outbox.models import MessageState
from kernel.outbox.reach import away_clusters
from kernel.schedules import latest_occurrence, next_occurrence
from provisioning.schedules import configured_schedules
from shared_apps.console.errors import TenantNotFound
from shared_apps.console.selectors import job_queues, message_page
from shared_apps.console.services import (
    cancel_message,
    cancel_messages_of_tenant,
    replay_all_messages,
    replay_message,
    replay_messages_of_tenant,
)
from tenants.models import Tenant
from tenants.scope import platform_scope

_ACTOR = Actor.system("manage.py jobs")


class Command(BaseCommand):
    help = "Show the queues of all organizations; replay what was given up, cancel what waits, show what is due when."
    # Its own checks would refuse to run exactly when the queues need attention.
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        actions.add_parser("status", help="each organization's queue")
        listing = actions.add_parser("list", help="what was given up, or waits")
        listing.add_argument("--state", choices=MessageState.values, default=MessageState.DEAD.value)
        listing.add_argument("--tenant", metavar="SLUG")
        listing.add_argument("--after", metavar="CURSOR", help="the next page, as printed at the end of this one")
        replaying = actions.add_parser("replay", help="give what was given up a new life")
        which = replaying.add_mutually_exclusive_group(required=True)
        which.add_argument("message_id", nargs="?", type=UUID)
        which.add_argument("--tenant", metavar="SLUG", help="all of one organization")
        which.add_argument("--all", action="store_true", help="all there are")
        cancelling = actions.add_parser("cancel", help="take back what waits, or was given up")
        which = cancelling.add_mutually_exclusive_group(required=True)
        which.add_argument("message_id", nargs="?", type=UUID)
        which.add_argument("--tenant", metavar="SLUG", help="all of one organization")
        actions.add_parser("schedules", help="what is due in an organization, and when").add_argument("slug")

    def handle(self, *, action: str, **options: Any) -> None:  # Any: Django's own options
        with platform_scope(reason="manage.py jobs"):
            try:
                getattr(self, f"_{action}")(options)
            except DomainError as error:
                raise CommandError(error.message) from error
            for alias in away_clusters():
                self.stderr.write(f"the cluster {alias} does not answer: what lies there is missing")

    def _status(self, _options: dict[str, Any]) -> None:  # Any: as above
        self.stdout.write(f"{'organization':<24}{'waiting':>8}{'in flight':>11}{'given up':>10}{'lag':>8}")
        queues = job_queues(_ACTOR)
        for row in queues.rows:
            line = row.line
            name = row.tenant.slug if row.tenant else ("(gone)" if line.tenant_id else "(platform)")
            workers = f"{line.in_flight}/{'-' if line.at_once is None else line.at_once}"
            self.stdout.write(f"{name:<24}{line.waiting:>8}{workers:>11}{line.dead:>10}{row.lag_seconds:>6} s")
        if queues.left_out:
            self.stdout.write(f"and {queues.left_out} more that wait less long")

    def _list(self, options: dict[str, Any]) -> None:  # Any: as above
        tenant_id = _find(options["tenant"]).pk if options["tenant"] else None
        page = message_page(_ACTOR, state=MessageState(options["state"]), tenant_id=tenant_id, cursor=options["after"])
        for message in page.rows:
            self.stdout.write(f"{message.pk}  {message.event_type:<40}{message.attempts:>3}  {message.last_error}")
        if page.next_cursor:
            self.stdout.write(f"more: --after {page.next_cursor}")

    def _replay(self, options: dict[str, Any]) -> None:  # Any: as above
        if options["message_id"]:
            replay_message(actor=_ACTOR, message_id=options["message_id"])
            count = 1
        elif options["all"]:
            count = replay_all_messages(actor=_ACTOR)
        else:
            count = replay_messages_of_tenant(actor=_ACTOR, tenant_id=_find(options["tenant"]).pk)
        self.stdout.write(f"replayed {count}")

    def _cancel(self, options: dict[str, Any]) -> None:  # Any: as above
        if options["message_id"]:
            cancel_message(actor=_ACTOR, message_id=options["message_id"])
            count = 1
        else:
            tenant = _find(options["tenant"])
            count = cancel_messages_of_tenant(actor=_ACTOR, tenant_id=tenant.pk, confirmed_name=tenant.slug)
        self.stdout.write(f"cancelled {count}")

    def _schedules(self, options: dict[str, Any]) -> None:  # Any: as above
        tenant, now = _find(options["slug"]), clock.now()
        for schedule in configured_schedules():
            times = [
                find(schedule, tenant_id=tenant.pk, zone=tenant.time_zone, now=now).due_at.strftime("%Y-%m-%d %H:%M UTC")
                for find in (latest_occurrence, next_occurrence)
            ]
            self.stdout.write(f"{schedule.name:<40}last due {times[0]}  next {times[1]}")


def _find(slug: str) -> Tenant:
    tenant = Tenant.objects.filter(slug__iexact=slug).first()
    if tenant is None:
        raise TenantNotFound(_("There is no organization “%(slug)s”.") % {"slug": slug})
    return tenant
