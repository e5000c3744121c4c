"""Says in words what takes something off a score, and where that is mended."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from kernel.ids import format_public_id
from kernel.outbox.models import MessageState
from provisioning.health.types import Cause, Trouble
from shared_apps.plans.types import ENTITLEMENTS
from tenants.models import Tenant
from tenants.types import TENANT_PREFIX

_MINUTE: Final = 60
_DAY_HOURS: Final = 24

_PLAIN: Final[Mapping[Cause, str | Promise]] = {
    Cause.QUARANTINED: gettext_lazy("A migration failed at it: in quarantine, it shows the maintenance page."),
    Cause.ISOLATION: gettext_lazy("An attempt of its isolation test got through: treat it as an incident."),
    Cause.BEHIND: gettext_lazy("Its schema is of an older version than the code."),
    Cause.UNREADABLE: gettext_lazy("Its schema could not be read: its pages most likely cannot be either."),
}
_VALUES: Final[Mapping[Cause, str | Promise]] = {
    Cause.ERRORS: gettext_lazy("%(value)s %% of the answers of the last hour were errors of ours."),
    Cause.SLOW_PAGES: gettext_lazy("One answer in twenty took longer than %(value)s ms in the last hour."),
    Cause.THROTTLED: gettext_lazy("Its plan's limits turned away %(value)s %% of what was asked in the last hour."),
    Cause.MAILS_REFUSED: gettext_lazy("%(value)s %% of its letters of the last day were refused for good."),
    Cause.DEAD_ROWS: gettext_lazy("PostgreSQL estimates %(value)s dead rows, more than living ones: vacuum does not keep up."),
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
    if trouble.cause in _PLAIN:
        return str(_PLAIN[trouble.cause])
    if trouble.cause in _VALUES:
        return str(_VALUES[trouble.cause]) % {"value": trouble.value}
    return _COUNTED[trouble.cause](trouble)


def _lag(trouble: Trouble) -> str:
    minutes = trouble.value // _MINUTE
    words = ngettext("Its oldest work waits for %(n)s minute.", "Its oldest work waits for %(n)s minutes.", minutes)
    return words % {"n": minutes}


def _dead_letters(trouble: Trouble) -> str:
    words = ngettext("%(n)s event or job was given up.", "%(n)s events and jobs were given up.", trouble.value)
    return words % {"n": trouble.value}


def _mails_stuck(trouble: Trouble) -> str:
    words = ngettext("%(n)s letter waits for more than an hour.", "%(n)s letters wait for more than an hour.", trouble.value)
    return words % {"n": trouble.value}


def _slow_statements(trouble: Trouble) -> str:
    words = ngettext("%(n)s slow query in the last hour.", "%(n)s slow queries in the last hour.", trouble.value)
    return words % {"n": trouble.value}


def _domains(trouble: Trouble) -> str:
    words = ngettext("%(n)s of its domains fails.", "%(n)s of its domains fail.", trouble.value)
    return words % {"n": trouble.value}


def _certificate(trouble: Trouble) -> str:
    if trouble.value < 0:
        return _("A certificate has run out.")
    words = ngettext("A certificate runs out in %(n)s day.", "A certificate runs out in %(n)s days.", trouble.value)
    return words % {"n": trouble.value}


def _snapshot(trouble: Trouble) -> str:
    days = trouble.value // _DAY_HOURS
    words = ngettext("It was last saved %(n)s day ago.", "It was last saved %(n)s days ago, or never.", days)
    return words % {"n": days}


def _limit(trouble: Trouble) -> str:
    name = ENTITLEMENTS[trouble.about].label if trouble.about in ENTITLEMENTS else trouble.about
    return _("%(limit)s: %(percent)s %% of what its plan allows is used.") % {"limit": name, "percent": trouble.value}


_COUNTED: Final[Mapping[Cause, Callable[[Trouble], str]]] = {
    Cause.LAG: _lag,
    Cause.DEAD_LETTERS: _dead_letters,
    Cause.MAILS_STUCK: _mails_stuck,
    Cause.SLOW_STATEMENTS: _slow_statements,
    Cause.DOMAINS: _domains,
    Cause.CERTIFICATE: _certificate,
    Cause.SNAPSHOT: _snapshot,
    Cause.LIMIT: _limit,
}

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
