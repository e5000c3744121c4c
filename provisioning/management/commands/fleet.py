"""`manage.py fleet migrate|status|plan|lint|resume|pause|quarantine|release|retry`: all organizations' schemas, by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from kernel.actor import Actor
from kernel.errors import DomainError
from provisioning import pool
from provisioning.errors import PlanFailed
from provisioning.fleet.engine import CONNECTIONS
from provisioning.fleet.enlisting import make_plans, versions_behind
from provisioning.fleet.migrating import FleetReport, finish_fleet_run, unfinished_run_of_this_code
from provisioning.fleet.plan import Plan
from provisioning.fleet.reading import FleetPicture, failures, fleet_versions, latest_fleet_run, quarantined_among
from provisioning.fleet.services import (
    pause_fleet_run,
    quarantine_tenant,
    release_tenant,
    resume_fleet_run,
    retry_tenant,
    start_fleet_run,
)
from provisioning.fleet.telling import Progress
from provisioning.models import FleetRun
from provisioning.schemas.sharding import findings_in_schema
from provisioning.schemas.template import ensure_template, template_schema
from provisioning.types import ENDED_FLEETS, FleetState
from tenants.schemas import code_schema_version

_ACTOR = Actor.system("manage.py fleet")


class Command(BaseCommand):
    help = "Bring the schemas of all organizations to the version of this code, look how far that is, and steer it."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        migrating = actions.add_parser("migrate", help="begin a run, or carry the unfinished one on, and wait for its end")
        migrating.add_argument("--plan", action="store_true", help="only show what would be done")
        migrating.add_argument("--canary", action="append", help="slug of an organization that goes first")
        migrating.add_argument("--canaries", type=int, help="without --canary: how many of the smallest go first (1)")
        migrating.add_argument("--limit", type=int, help="failures of others than canaries after which the run stops (3)")
        migrating.add_argument("--connections", type=int, default=CONNECTIONS)
        actions.add_parser("plan", help="what migrate would do, to how many, and how long; touches no organization")
        actions.add_parser("lint", help="whether the schemas of this version can be shards of Citus")
        actions.add_parser("status", help="versions, waves, rate, and what failed")
        actions.add_parser("pause", help="begin with no further organization")
        resuming = actions.add_parser("resume", help="go on after a pause, a stop or a kill, and wait for the end")
        resuming.add_argument("--connections", type=int, default=CONNECTIONS)
        isolating = actions.add_parser("quarantine", help="maintenance page for one organization, and no run over it")
        isolating.add_argument("slug")
        isolating.add_argument("--reason", required=True)
        actions.add_parser("release", help="end a quarantine").add_argument("slug")
        actions.add_parser("retry", help="try a failed organization again").add_argument("slug")

    def handle(self, *, action: str, **options: Any) -> None:  # Any: Django's own options
        try:
            self._act("plan" if options.get("plan") else action, options)
        except DomainError as error:
            raise CommandError(error.message) from error
        except PlanFailed as error:
            raise CommandError(str(error)) from error

    def _act(self, action: str, options: dict[str, Any]) -> None:  # Any: Django's own options
        match action:
            case "migrate":
                self._migrate(options)
            case "plan":
                self._plan()
            case "lint":
                self._lint()
            case "status":
                self._status()
            case "pause":
                pause_fleet_run(actor=_ACTOR, run_id=_unfinished().public_id)
            case "resume":
                resume_fleet_run(actor=_ACTOR, run_id=_unfinished().public_id)
                self._finish(_unfinished(), options["connections"])
            case "quarantine":
                quarantine_tenant(actor=_ACTOR, slug=options["slug"], reason=options["reason"])
            case "release":
                release_tenant(actor=_ACTOR, slug=options["slug"])
            case _:
                self._retry(options["slug"])

    def _lint(self) -> None:
        schema = template_schema(ensure_template().version)
        findings = findings_in_schema(schema)
        for finding in findings:
            self.stdout.write(str(finding))
        if findings:
            raise CommandError("A schema like this cannot be a shard: docs/runbooks/scale-out.md.")
        self.stdout.write(f"{schema}: each organization's schema can be a shard")

    def _migrate(self, options: dict[str, Any]) -> None:  # Any: Django's own options
        run = unfinished_run_of_this_code()
        chosen = {"canaries": options["canary"], "canary_count": options["canaries"], "failure_limit": options["limit"]}
        given = {name: value for name, value in chosen.items() if value is not None}
        if run is not None and given:
            raise CommandError("An unfinished run is carried on as it was begun: leave out --canary, --canaries and --limit.")
        if run is not None and run.state != FleetState.RUNNING:
            raise CommandError(f"The run to this version is {run.state}: look at it, then `manage.py fleet resume`.")
        run = run or self._planned(lambda: start_fleet_run(actor=_ACTOR, **given))
        if run is None:
            ahead = sum(versions_behind().values())
            self.stdout.write(f"{ahead} are ahead of this code." if ahead else f"Everybody is at {code_schema_version()}.")
            return
        self._finish(run, options["connections"])

    def _finish(self, run: FleetRun, connections: int) -> None:
        report = self._finished(run, connections)
        if report.state == FleetState.DONE:
            pool.fill()
        self._status()
        if report.failed or report.state != FleetState.DONE:
            held_up = f"; held up, tried again by the sweeper: {', '.join(report.held_up)}" if report.held_up else ""
            raise CommandError(f"The run is {report.state}; {_left_behind(report)}{held_up}")

    def _finished(self, run: FleetRun, connections: int) -> FleetReport:
        progress = Progress(self.stdout)
        report = finish_fleet_run(run, connections=connections, tell=progress.look)
        progress.end()
        return report

    def _retry(self, slug: str) -> None:
        """Red only when this one fails again: others of its run may be in quarantine still."""
        retry_tenant(actor=_ACTOR, slug=slug)
        report = self._finished(_unfinished(), CONNECTIONS)
        self._status()
        if slug in report.failed or slug in report.held_up:
            raise CommandError(f"The run is {report.state}; in quarantine: {slug}")

    def _plan(self) -> None:
        waiting = versions_behind()
        self.stdout.write(f"to version {code_schema_version()}: {sum(waiting.values())} behind")
        plans = self._planned(make_plans) if waiting else {}
        for source, plan in plans.items():
            self._plan_line(source, plan, waiting[source])

    def _planned[T](self, plan: Callable[[], T]) -> T:
        """It takes a second or more, for each version that somebody is at."""
        progress = Progress(self.stdout)
        progress.say("planning: the migrations are tried on empty schemas")
        planned = plan()
        progress.end()
        return planned

    def _plan_line(self, source: str, plan: Plan, count: int) -> None:
        if plan.is_ahead:
            self.stdout.write(f"{source}: {count} are ahead of this code and left alone")
            return
        seconds = plan.milliseconds * count / 1000 / (1 if plan.is_slow else CONNECTIONS)
        road = "slow road" if plan.is_slow else "replayed"
        about = f"about {seconds:.1f} s" if plan.milliseconds else "nobody knows how long"
        self.stdout.write(f"{source or '–'}: {count} {road}, {about}, {plan.milliseconds:.0f} ms each on an empty schema")
        if not plan.base:
            self.stdout.write("  code of the version before shows its maintenance page for those that are through")
        for stage in plan.stages:
            self.stdout.write(
                f"  {stage.road}: {', '.join(stage.migrations) or 'migrate'} ({len(stage.statements)} statements)"
            )
            for reason in stage.reasons:
                self.stdout.write(f"    slow, because {reason}")

    def _status(self) -> None:
        for line in fleet_versions():
            self.stdout.write(f"version {line.version or '–'}  {line.count}{'  (this code)' if line.is_own else ''}")
        picture = latest_fleet_run()
        if picture is not None:
            self._run_lines(picture)
        for failure in failures():
            self.stdout.write(f"quarantined {failure.slug}: {failure.reason}")
            if failure.sql:
                self.stdout.write(f"    {failure.sql}")

    def _run_lines(self, picture: FleetPicture) -> None:
        rate = "" if picture.rate is None else f"  {picture.rate:.1f} tenants/s"
        left = "" if picture.seconds_left is None else f"  {picture.seconds_left:.0f} s left"
        self.stdout.write(f"run {picture.id_text} to {picture.run.target}: {picture.run.state}{rate}{left} {picture.run.error}")
        for wave in picture.waves:
            self.stdout.write(f"  {wave.label}: {wave.done} of {wave.total}, {wave.failed} failed, {wave.running} running")
        if picture.held_up:
            self.stdout.write(f"  {picture.held_up} held up, tried again in minutes: {'; '.join(picture.held_up_by)}")


def _unfinished() -> FleetRun:
    run = FleetRun.objects.exclude(state__in=ENDED_FLEETS).first()
    if run is None:
        raise CommandError("No run over the fleet is unfinished.")
    return run


def _left_behind(report: FleetReport) -> str:
    """Whom the run could not migrate: those whose quarantine still stands, and those who were let out of it."""
    shut = quarantined_among(report.failed)
    released = ", ".join(slug for slug in report.failed if slug not in shut)
    return f"in quarantine: {', '.join(sorted(shut)) or 'nobody'}" + (
        f"; released, not migrated: {released}" if released else ""
    )
