"""What owners are told about quotas that fill up: a letter, and a note on the first page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.urls import reverse
from django.utils.translation import gettext as _

from shared_apps.billing.selectors import is_charged
from shared_apps.metering.events import QuotaReached
from shared_apps.metering.selectors import reached_quotas, terms_of
from shared_apps.metering.types import METERS, Meter, Stop, Terms
from shared_apps.plans.types import BOOKINGS_PER_MONTH, Beyond
from tenant_apps.backoffice.types import Desk
from tenant_apps.notifications.types import Action, Letter, Row, Template
from tenants.scope import current_tenant
from webui.formats import current_locale, day_text, money_text, number_text

_ALL: Final = 100


@dataclass(frozen=True, slots=True)
class QuotaNote:
    """One line on the first page; `kind` is the colour of its box."""

    kind: str
    text: str


def quota_notes(desk: Desk, *, now: datetime) -> list[QuotaNote]:
    """What this month's quotas have come to, for who may see the plan (one query)."""
    if not desk.actor.can("plan.manage"):
        return []
    tenant = current_tenant()
    return [_note(meter, level) for meter, level in reached_quotas(tenant, now=now)]


def quota_letter(event: QuotaReached, *, now: datetime) -> Letter | None:
    """The letter in the active language; None when the month is over, or the bookings' own letter has told it."""
    tenant = current_tenant()
    meter = METERS.get(event.meter)
    if meter is None or now.date() < event.month_on:
        return None
    terms = terms_of(tenant)[meter.code]
    if meter.quota is BOOKINGS_PER_MONTH and event.level == _ALL and terms.stops_at == terms.included:
        return None
    locale = current_locale(tenant.locale)
    words = {
        "what": meter.label,
        "market": tenant.name,
        "level": event.level,
        "month": day_text(event.month_on, locale, "yMMMM"),
    }
    is_all = event.level == _ALL
    return Letter(
        template=Template.QUOTA_REACHED,
        subject=(_("%(what)s of %(market)s: what your plan includes is used up") if is_all
                 else _("%(what)s of %(market)s: %(level)s %% of what your plan includes is used")) % words,
        preheader=_consequence(meter, terms, is_all=is_all),
        status=_("Plan"),
        tone="bad" if is_all and terms.beyond is Beyond.REFUSED else "warn",
        heading=_("%(what)s in %(month)s") % words,
        paragraphs=(
            (_("All that your plan includes in %(month)s is used.") if is_all
             else _("%(level)s %% of what your plan includes in %(month)s is used.")) % words,
            _consequence(meter, terms, is_all=is_all),
        ),
        rows=_rows(terms),
        button=Action(_("See what you use"), tenant.base_url + reverse("backoffice:plan")),
        footnote=_("You get this letter once a month at most, as an owner of %(market)s.") % words,
    )  # fmt: skip


def _consequence(meter: Meter, terms: Terms, *, is_all: bool) -> str:
    if terms.beyond is Beyond.SOLD and terms.price is not None and is_charged(current_tenant().id):
        if is_all:
            return _("Nothing stops: what goes beyond is charged with your next invoice.")
        return _("Beyond what is included nothing stops: it is charged with your next invoice.")
    if terms.beyond is not Beyond.REFUSED:
        return _("Nothing stops, and nothing is charged for it. A larger plan includes more.")
    return _refusal_now(meter) if is_all else _refusal_to_come(meter)


def _refusal_now(meter: Meter) -> str:
    if meter.stop is Stop.LEVEL:
        return _("From now on more of it is refused until something is deleted. A larger plan has room at once.")
    return _("From now on more of it is refused until the month ends. A larger plan has room at once.")


def _refusal_to_come(meter: Meter) -> str:
    if meter.stop is Stop.LEVEL:
        return _("When all is used, more of it is refused until something is deleted. A larger plan has room at once.")
    return _("When all is used, more of it is refused until the month ends. A larger plan has room at once.")


def _rows(terms: Terms) -> tuple[Row, ...]:
    locale = current_locale(current_tenant().locale)
    rows = [Row(_("Included"), number_text(terms.included or 0, locale))]
    if terms.price is not None and terms.per_units:
        price = {"count": number_text(terms.per_units, locale), "price": money_text(terms.price, locale)}
        rows.append(Row(_("Each %(count)s beyond that") % price, price["price"]))
    if terms.stops_at is not None and terms.stops_at != terms.included:
        rows.append(Row(_("Ends at"), number_text(terms.stops_at, locale)))
    return tuple(rows)


def _note(meter: Meter, level: int) -> QuotaNote:
    words = {"what": meter.label, "level": level}
    if level == _ALL:
        return QuotaNote("bad", _("%(what)s: all that your plan includes this month is used.") % words)
    return QuotaNote("warn", _("%(what)s: %(level)s %% of what your plan includes this month is used.") % words)
