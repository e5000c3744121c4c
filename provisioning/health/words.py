"""Says in words what takes something off a score, and where that is mended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy

from kernel.ids import format_public_id
from kernel.outbox.models import MessageState
from provisioning.health.types import NEVER, Cause, Trouble
from shared_apps.plans.types import ENTITLEMENTS
from tenants.models import Tenant
from tenants.types import TENANT_PREFIX

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise

# Of those whose value is said in a larger unit than it has: minutes of seconds, days of hours.
_UNITS: Final[Mapping[Cause, int]] = {Cause.LAG: 60, Cause.SNAPSHOT: 24}
_SENTENCES: Final[Mapping[Cause, StrPromise]] = {
    Cause.QUARANTINED: gettext_lazy("A migration failed at it: in quarantine, it shows the maintenance page."),
    Cause.ISOLATION: gettext_lazy("An attempt of its isolation test got through: treat it as an incident."),
    Cause.BEHIND: gettext_lazy("Its schema is of an older version than the code."),
    Cause.UNREADABLE: gettext_lazy("Its schema could not be read: its pages most likely cannot be either."),
    Cause.ERRORS: gettext_lazy("%(n)s %% of the answers of the last hour were errors of ours."),
    Cause.SLOW_PAGES: gettext_lazy("One answer in twenty took longer than %(n)s ms in the last hour."),
    Cause.THROTTLED: gettext_lazy("Its plan's limits turned away %(n)s %% of what was asked in the last hour."),
    Cause.MAILS_REFUSED: gettext_lazy("%(n)s %% of its letters of the last day were refused for good."),
    Cause.DEAD_ROWS: gettext_lazy("PostgreSQL estimates %(n)s dead rows, more than living ones: vacuum does not keep up."),
    Cause.LAG: ngettext_lazy("Its oldest work waits for %(n)s minute.", "Its oldest work waits for %(n)s minutes.", "n"),
    Cause.DEAD_LETTERS: ngettext_lazy("%(n)s event or job was given up.", "%(n)s events and jobs were given up.", "n"),
    Cause.MAILS_STUCK: ngettext_lazy(
        "%(n)s letter waits for more than an hour.", "%(n)s letters wait for more than an hour.", "n"
    ),
    Cause.SLOW_STATEMENTS: ngettext_lazy("%(n)s slow query in the last hour.", "%(n)s slow queries in the last hour.", "n"),
    Cause.DOMAINS: ngettext_lazy("%(n)s of its domains fails.", "%(n)s of its domains fail.", "n"),
    Cause.CERTIFICATE: ngettext_lazy("A certificate runs out in %(n)s day.", "A certificate runs out in %(n)s days.", "n"),
    Cause.SNAPSHOT: ngettext_lazy("It was last saved %(n)s day ago.", "It was last saved %(n)s days ago.", "n"),
}


@dataclass(frozen=True, slots=True)
class Reason:
    """One deduction as people read it."""

    label: str | Promise
    sentence: str
    points: int
    url: str


def reason_of(trouble: Trouble, tenant: Tenant) -> Reason:
    """The sentence, and the page on which it is mended or at least looked at."""
    return Reason(trouble.cause.label, _sentence(trouble), trouble.points, _url(trouble.cause, tenant))


def _sentence(trouble: Trouble) -> str:
    if trouble.cause is Cause.LIMIT:
        return _limit(trouble)
    if trouble.cause is Cause.CERTIFICATE and trouble.value < 0:
        return _("A certificate has run out.")
    value = trouble.value // _UNITS.get(trouble.cause, 1)
    if trouble.about == NEVER:
        return _("It is %(n)s days old and was never saved.") % {"n": value}
    return _SENTENCES[trouble.cause] % {"n": value}


def _limit(trouble: Trouble) -> str:
    name = ENTITLEMENTS[trouble.about].label if trouble.about in ENTITLEMENTS else trouble.about
    return _("%(limit)s: %(percent)s %% of what its plan allows is used.") % {"limit": name, "percent": trouble.value}


_JOBS: Final[Mapping[Cause, MessageState]] = {
    Cause.LAG: MessageState.PENDING,
    Cause.DEAD_LETTERS: MessageState.DEAD,
    Cause.MAILS_REFUSED: MessageState.DEAD,
    Cause.MAILS_STUCK: MessageState.PENDING,
    Cause.SNAPSHOT: MessageState.DEAD,
}
_FLEET: Final = frozenset({Cause.QUARANTINED, Cause.BEHIND, Cause.UNREADABLE})
_PLAN: Final = frozenset({Cause.THROTTLED, Cause.LIMIT})
_FIGURES: Final[Mapping[Cause, str]] = {
    Cause.ERRORS: "traffic",
    Cause.SLOW_PAGES: "traffic",
    Cause.SLOW_STATEMENTS: "slow",
}
_PARTS: Final[Mapping[Cause, str]] = {
    Cause.DOMAINS: "brought",
    Cause.CERTIFICATE: "brought",
}


def _url(cause: Cause, tenant: Tenant) -> str:
    outside_id = format_public_id(TENANT_PREFIX, tenant.pk)
    if cause in _FLEET:
        return reverse("console_fleet")
    if cause in _PLAN:
        return reverse("console_plan", args=[tenant.plan_code])
    if cause in _JOBS:
        return f"{reverse('console_jobs')}?{urlencode({'tenant': outside_id, 'state': _JOBS[cause].value})}"
    if cause in _FIGURES:
        return f"{reverse('console_tenant_health', args=[outside_id])}#{_FIGURES[cause]}"
    return f"{reverse('console_tenant', args=[outside_id])}#{_PARTS.get(cause, 'health')}"
