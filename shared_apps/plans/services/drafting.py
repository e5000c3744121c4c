"""Making a plan or an add-on, and working on the draft of its next version."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from integrations.stripe import is_chargeable
from kernel.actor import Actor
from kernel.db import insert_or_none
from kernel.locking import lock_rows, lock_timeout
from kernel.money import Money, require_currency
from shared_apps.audit.services import record
from shared_apps.plans.errors import CodeTaken, DraftChanged, EntitlementInvalid, NoDraft, NotPriced, PriceInvalid
from shared_apps.plans.models import OveragePrice, Plan, PlanPrice, PlanQuota, PlanVersion
from shared_apps.plans.rules import checked, known
from shared_apps.plans.selectors import contents_of, current_version, draft_of, get_plan
from shared_apps.plans.types import QUOTAS, Beyond, PlanKind, VersionContents

_NO_PRICE: Final = {"price_minor": 0, "currency": "EUR"}
# The most that a column of that size holds.
_MOST_PER_PRICE: Final = 2**31 - 1
# Stripe's documentation, "Minimum and maximum charge amounts": eight digits, in whatever currency.
_LARGEST_PRICE: Final = 99_999_999


def create_plan(*, actor: Actor, kind: PlanKind, code: str, name: str, tagline: str = "") -> Plan:
    """A plan or an add-on with an empty draft. Nobody sees it before a version of it is published and it is offered.

    Raises:
        PermissionDenied: the actor may not.
        CodeTaken: there is one of this code; blames `code`.
    """
    actor.require("plans.edit")
    with transaction.atomic():
        last = Plan.objects.aggregate(last=Max("position"))["last"] or 0
        plan = insert_or_none(
            Plan(code=code, name=name, tagline=tagline, kind=kind, position=last + 1, is_offered=False, **_NO_PRICE)
        )
        if plan is None:
            raise CodeTaken(_("There is a plan “%(code)s” already.") % {"code": code}, field="code")
        PlanVersion.objects.create(plan=plan, number=1)
        _note(actor, "plan.created", plan)
    return plan


def describe_plan(*, actor: Actor, plan_code: str, name: str, tagline: str, position: int) -> None:
    """Call a plan otherwise, or show it at another place. Its versions do not change by that.

    Raises:
        PermissionDenied, PlanNotFound.
    """
    actor.require("plans.edit")
    with transaction.atomic():
        plan = locked_plan(plan_code)
        Plan.objects.filter(pk=plan.pk).update(name=name, tagline=tagline, position=position)
        _note(actor, "plan.described", plan)


def begin_draft(*, actor: Actor, plan_code: str) -> PlanVersion:
    """The draft of the next version: what is current, to be changed, without entitlements that there are no more.

    The one that is there, where somebody began already.

    Raises:
        PermissionDenied, PlanNotFound.
    """
    actor.require("plans.edit")
    with transaction.atomic():
        plan = locked_plan(plan_code)
        draft = draft_of(plan)
        if draft is not None:
            return draft
        last = PlanVersion.objects.filter(plan=plan).aggregate(last=Max("number"))["last"] or 0
        draft = PlanVersion.objects.create(plan=plan, number=last + 1)
        current = current_version(plan)
        if current is not None:
            said = contents_of(current)
            write_contents(draft, replace(said, entitlements=known(said.entitlements), quotas=known(said.quotas), note=""))
        _note(actor, "plan.draft_begun", plan, number=draft.number)
    return draft


def save_draft(*, actor: Actor, plan_code: str, contents: VersionContents, revision: int) -> PlanVersion:
    """Write all of the draft anew. `revision` is that of the draft that was changed.

    Raises:
        PermissionDenied, PlanNotFound, NoDraft.
        DraftChanged: somebody else has saved it meanwhile.
        EntitlementInvalid, PriceInvalid: a value of another type, an unknown currency, what makes no sense together.
    """
    actor.require("plans.edit")
    check_contents(contents)
    with transaction.atomic():
        draft = locked_draft(plan_code)
        if draft.revision != revision:
            raise DraftChanged(_("Somebody has changed this draft since you opened it. Look at theirs before you save yours."))
        PlanPrice.objects.filter(version=draft).delete()
        OveragePrice.objects.filter(quota__version=draft).delete()
        PlanQuota.objects.filter(version=draft).delete()
        draft.revision = revision + 1
        write_contents(draft, contents)
    return draft


def discard_draft(*, actor: Actor, plan_code: str) -> None:
    """Forget the draft. Quiet when there is none.

    Raises:
        PermissionDenied, PlanNotFound.
    """
    actor.require("plans.edit")
    with transaction.atomic():
        plan = locked_plan(plan_code)
        draft = draft_of(plan)
        if draft is None:
            return
        draft.delete()
        _note(actor, "plan.draft_discarded", plan, number=draft.number)


def check_contents(contents: VersionContents) -> None:
    """Refuse what no version can say.

    Raises:
        EntitlementInvalid, PriceInvalid.
    """
    try:
        checked(contents.entitlements)
    except ValueError as error:
        raise EntitlementInvalid(str(error)) from error
    for currency in {*contents.currencies, *(name for terms in contents.quotas.values() for name in terms.prices)}:
        try:
            require_currency(currency)
        except ValueError as error:
            raise PriceInvalid(_("“%(code)s” is no currency.") % {"code": currency}, field="currency") from error
    if any(amount > _LARGEST_PRICE for amount in _amounts(contents)):
        raise PriceInvalid(_("A price has eight digits at most: no card is charged more at once."))
    for code in contents.quotas:
        if code not in QUOTAS:
            raise EntitlementInvalid(f"{code} is not counted by the month.")
        _check_terms(contents, code)
    _check_chargeable(contents)


def _amounts(contents: VersionContents) -> Iterator[int]:
    yield from contents.prices.values()
    for terms in contents.quotas.values():
        yield from terms.prices.values()


def _check_terms(contents: VersionContents, code: str) -> None:
    terms, inside = contents.quotas[code], contents.entitlements.get(code, QUOTAS[code].default)
    if terms.beyond is Beyond.REFUSED:
        return
    if inside is None:
        raise EntitlementInvalid(_("What has no limit has nothing beyond it."), field=f"beyond_{code}")
    if terms.stops_at is not None and terms.stops_at <= int(inside):
        raise EntitlementInvalid(_("It must stop above what is included."), field=f"stops_at_{code}")
    if terms.beyond is Beyond.SOLD and terms.per_units < 1:
        raise PriceInvalid(_("Say for how many the price is."), field=f"per_units_{code}")
    if terms.per_units > _MOST_PER_PRICE:
        raise PriceInvalid(_("This is more than a price can be for."), field=f"per_units_{code}")


def _check_chargeable(contents: VersionContents) -> None:
    """Refuse amounts that nobody could be charged, such as a third decimal that is not 0; blames the field of the first."""
    fields = {f"price_{currency}_{interval}": Money(minor, currency) for (currency, interval), minor in contents.prices.items()}
    for code, terms in contents.quotas.items():
        fields |= {f"overage_{code}_{currency}": Money(minor, currency) for currency, minor in terms.prices.items()}
    for name, amount in fields.items():
        if not is_chargeable(amount):
            what = {"currency": amount.currency}
            raise PriceInvalid(_("Stripe cannot charge such a fraction of %(currency)s.") % what, field=name)


def check_sellable(contents: VersionContents) -> None:
    """Refuse what nobody could pay for.

    Raises:
        NotPriced: it has no price, or what is sold beyond a quota has none in one of its currencies.
    """
    if not contents.prices:
        raise NotPriced(_("It has no price yet. Give it one in a currency at least."))
    for code, terms in contents.quotas.items():
        if terms.beyond is Beyond.SOLD and (missing := sorted(set(contents.currencies) - set(terms.prices))):
            what = {"what": QUOTAS[code].label, "currencies": ", ".join(missing)}
            raise NotPriced(_("%(what)s beyond what is included has no price in %(currencies)s.") % what)


def locked_plan(plan_code: str) -> Plan:
    """The plan or add-on of this code, locked until the transaction ends: who works on its versions comes one after the other.

    Raises:
        PlanNotFound, Busy.
    """
    plan = get_plan(plan_code, kind=None)
    with lock_timeout():
        return lock_rows(Plan.objects.filter(pk=plan.pk))[0]


def locked_draft(plan_code: str) -> PlanVersion:
    """The draft of a plan, whose row is locked.

    Raises:
        PlanNotFound, Busy. NoDraft: nothing is being worked on.
    """
    draft = draft_of(locked_plan(plan_code))
    if draft is None:
        raise NoDraft(_("There is no draft (any more): it was published, or discarded."))
    return draft


def write_contents(draft: PlanVersion, contents: VersionContents) -> None:
    """Fill an empty draft. In the transaction that holds it."""
    draft.entitlements = checked(contents.entitlements)
    draft.trial_days, draft.note = contents.trial_days, contents.note
    draft.save(update_fields=["entitlements", "trial_days", "note", "revision"])
    PlanPrice.objects.bulk_create(
        PlanPrice(version=draft, currency=currency, interval=interval, amount_minor=amount)
        for (currency, interval), amount in contents.prices.items()
    )
    for code, terms in contents.quotas.items():
        if terms.beyond is not Beyond.REFUSED:
            quota = PlanQuota.objects.create(
                version=draft, code=code, beyond=terms.beyond, stops_at=terms.stops_at, per_units=terms.per_units
            )
            OveragePrice.objects.bulk_create(
                OveragePrice(quota=quota, currency=currency, amount_minor=amount)
                for currency, amount in terms.prices.items()
            )  # fmt: skip


def _note(actor: Actor, action: str, plan: Plan, **facts: str | int) -> None:
    record(action=action, actor_label=actor.label, actor_kind=actor.kind, target=plan.code, data=facts)
