"""What changes the registry: who holds a name, and where an organization stands in its life."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from kernel import clock
from kernel.actor import Actor
from kernel.db import insert_or_none
from kernel.errors import Invalid, NotFound
from kernel.locking import lock_rows, lock_timeout
from kernel.money.currencies import require_currency
from kernel.outbox.upkeep import wake
from kernel.places import is_locale
from kernel.zones import is_zone
from tenants.clusters import current_cluster
from tenants.context import Limit, TenantContext
from tenants.errors import SlugLooksAlike, SlugRefused, SlugReleased, SlugTaken, WrongState
from tenants.hosts import host_cache
from tenants.models import Domain, ReleasedName, ReservedName, Tenant
from tenants.querysets import skeleton_of
from tenants.residence import note_resident
from tenants.rules_names import normalise_slug, skeleton, slug_from, spelled_as_reserved, variants
from tenants.schemas import schema_for
from tenants.scope import platform_scope
from tenants.statuses import move_status
from tenants.suspending import status_in_service
from tenants.types import DomainState, Place, TenantStatus

TOMBSTONE: Final = timedelta(days=180)
_SUGGESTIONS: Final = 3
_LONGEST_NAME: Final = 80


def check_slug(raw: str, *, holder: UUID | None = None, now: datetime | None = None) -> str:
    """`raw` as it would be stored, when it can be had now (by `holder`, if it is theirs already). Changes nothing.

    Raises:
        SlugRefused: malformed, reserved, taken, too like another name, or released not long ago; with free names near it.
    """
    slug = tidy_slug(raw)
    with platform_scope(reason="check name"):
        try:
            _refuse_occupied(slug, holder=holder, now=now or clock.now())
        except SlugRefused as refusal:
            refusal.suggestions = suggest_slugs(raw)
            raise
    return slug


def tidy_slug(raw: str) -> str:
    """`raw` as it would be stored, whether or not somebody has it. Asks the database for suggestions only.

    Raises:
        SlugRefused: malformed or reserved; with free names near it.
    """
    try:
        return normalise_slug(raw)
    except SlugRefused as refusal:
        refusal.suggestions = suggest_slugs(raw)
        raise


def suggest_slugs(name: str, *, hints: tuple[str, ...] = (), count: int = _SUGGESTIONS) -> tuple[str, ...]:
    """Up to `count` slugs for an organization called `name` that can be had, best first; `hints` are words to add (a city).

    Near a name that is like another (`n0rthgate`) they are spelled as that one is: `n0rthgate-market` would be free, too,
    and would be taken for a part of northgate by whoever does not look twice.
    """
    with platform_scope(reason="suggest names"):
        candidates = list(variants(_spelled_as_known(slug_from(name)), hints=hints))
        occupied = _occupied_skeletons([skeleton(slug) for slug in candidates]) | _taken_skeletons(candidates)
    return tuple(slug for slug in candidates if skeleton(slug) not in occupied)[:count]


def suggest_slug(name: str, *, hints: tuple[str, ...] = ()) -> str:
    """The best free slug for an organization called `name`; empty when none of the usual ones is free."""
    return next(iter(suggest_slugs(name, hints=hints, count=1)), "")


def reserve_name(*, slug: str, holder: UUID, now: datetime | None = None) -> str:
    """Give `slug` to `holder`, who holds it until it is released. May be called again by the same holder.

    Of several who ask for one name, or for names that look alike, at the same moment, one gets it.

    Raises:
        SlugRefused: as `check_slug`.
    """
    with platform_scope(reason="reserve name"), transaction.atomic():
        slug = check_slug(slug, holder=holder, now=now)
        # The constraint decides, not the look-up above; a row that was there already may be the holder's own.
        is_new = insert_or_none(ReservedName(slug=slug, holder=holder)) is not None
        if not is_new and not ReservedName.objects.filter(slug=slug, holder=holder).exists():
            raise SlugTaken(_("Somebody else has just taken this name."), suggestions=suggest_slugs(slug))
    return slug


def forget_reservation(*, holder: UUID) -> None:
    """Free a name that was never live: anybody may have it at once. Quiet when there is none."""
    with platform_scope(reason="forget reservation"):
        ReservedName.objects.filter(holder=holder).delete()


def release_name(*, slug: str, tenant_id: UUID, now: datetime | None = None) -> None:
    """Give up a name that was live: nobody gets it for 180 days, since old links still lead there."""
    moment = now or clock.now()
    with platform_scope(reason="release name"), transaction.atomic():
        ReleasedName.objects.update_or_create(
            name=slug, defaults={"tenant_id": tenant_id, "released_at": moment, "free_at": moment + TOMBSTONE}
        )
        ReservedName.objects.filter(slug=slug).delete()


def register_tenant(*, tenant_id: UUID, slug: str, **facts: Any) -> Tenant:  # Any: the row's other columns
    """The registry's row of a new organization whose schema exists; it is not served yet."""
    with platform_scope(reason="register tenant"):
        return Tenant.objects.create(
            id=tenant_id,
            schema_name=schema_for(tenant_id),
            database=current_cluster(),
            slug=slug,
            status=TenantStatus.PROVISIONING,
            **facts,
        )


def update_tenant(*, tenant_id: UUID, **facts: Any) -> None:  # Any: the row's columns
    """Change facts of the registry (never the status), and let every process know.

    Raises:
        NotFound: the registry does not know the tenant.
    """
    with platform_scope(reason="update tenant"), transaction.atomic():
        if not Tenant.objects.filter(pk=tenant_id).update(**facts, updated_at=clock.now()):
            raise NotFound(_("This organization does not exist."))
        transaction.on_commit(host_cache.clear, robust=True)


def give_plan_version(*, tenant_id: UUID, plan_code: str, version: int, entitlements: Mapping[str, Limit]) -> None:
    """Put an organization, and its sandbox with it, on a version of a plan, with what that gives it.

    In the transaction that holds its row. Who has left the plan meanwhile stays where it is.
    """
    with platform_scope(reason="give plan version"), transaction.atomic():
        rows = Tenant.objects.filter(Q(pk=tenant_id) | Q(sandbox_of_id=tenant_id), plan_code=plan_code)
        rows.update(plan_version=version, entitlements=dict(entitlements), updated_at=clock.now())
        transaction.on_commit(host_cache.clear, robust=True)


def move_theme_version(*, package_id: str, old: str, new: str) -> int:
    """Everybody who wears the version `old` of a package wears `new` from now on; how many. In a transaction."""
    with platform_scope(reason="move theme version"):
        moved = Tenant.objects.filter(theme_package=package_id, theme_digest=old).update(
            theme_digest=new, updated_at=clock.now()
        )
        transaction.on_commit(host_cache.clear, robust=True)
        return moved


def update_branding(
    *,
    actor: Actor,
    tenant_id: UUID,
    name: str | None,
    content: Mapping[str, str],
    theme_tokens: Mapping[str, object],
    theme_hash: str | None,
) -> TenantContext:
    """Write what an organization calls itself and how it looks; every process shows it within a second.

    `content` and `theme_tokens` are laid over what is stored, key by key, so that two people who change different things
    at once both keep theirs (the row is locked). None leaves the name, or the look, as it stands. The stylesheet named by
    `theme_hash` must be published before. Returns the row as it is then, locked until the transaction ends.

    Raises:
        PermissionDenied: the actor does not edit settings.
        NotFound: the registry does not know the organization.
        Invalid: the name is empty or too long; blames `name`.
    """
    actor.require("settings.edit")
    tidy = None if name is None else _tidy_name(name)
    with platform_scope(reason="update branding"), transaction.atomic():
        tenant = Tenant.objects.select_for_update().filter(pk=tenant_id).first()
        if tenant is None:
            raise NotFound(_("This organization does not exist."))
        tenant.name = tenant.name if tidy is None else tidy
        tenant.content = {**tenant.content, **content}
        tenant.theme_tokens = {**tenant.theme_tokens, **theme_tokens}
        tenant.theme_hash = tenant.theme_hash if theme_hash is None else theme_hash
        tenant.updated_at = clock.now()
        tenant.save(update_fields=["name", "content", "theme_tokens", "theme_hash", "updated_at"])
        transaction.on_commit(host_cache.clear, robust=True)
        return tenant.as_context()


def _tidy_name(name: str) -> str:
    tidy = " ".join(name.split())
    if not 0 < len(tidy) <= _LONGEST_NAME:
        raise Invalid(_("Give a name of at most %(count)d letters.") % {"count": _LONGEST_NAME}, field="name")
    return tidy


def update_place(*, actor: Actor, tenant_id: UUID, currency: str | None, time_zone: str | None, locale: str | None) -> None:
    """Write what an organization's prices, clock and dates are in; every process shows it within a second. None leaves it.

    Raises:
        PermissionDenied: the actor does not edit settings.
        Invalid: no such currency, zone or way of writing; blames `currency`, `time_zone` or `locale`.
    """
    actor.require("settings.edit")
    if currency is not None:
        _check_currency(currency)
    if time_zone is not None and not is_zone(time_zone):
        raise Invalid(_("Choose a time zone from the list."), field="time_zone")
    if locale is not None and not is_locale(locale):
        raise Invalid(_("Choose a region from the list."), field="locale")
    given = {"currency": currency, "time_zone": time_zone, "locale": locale}
    changed = {column: value for column, value in given.items() if value is not None}
    with platform_scope(reason="update place"), transaction.atomic():
        Tenant.objects.filter(pk=tenant_id).update(**changed, updated_at=clock.now())
        transaction.on_commit(host_cache.clear, robust=True)


def _check_currency(currency: str) -> None:
    try:
        require_currency(currency)
    except ValueError:
        raise Invalid(_("Choose a currency from the list."), field="currency") from None


def lock_currency(tenant_id: UUID) -> str:
    """The currency of an organization's prices as it stands, locked until the transaction ends; otherwise as `lock_place`."""
    return lock_place(tenant_id).currency


def lock_place(tenant_id: UUID) -> Place:
    """Where an organization is at home as it stands, locked until the transaction ends.

    Whoever writes a price and whoever changes the place ask here first, so they come one after the other; and the
    registry's word is newer than a TenantContext, which may be some seconds old.

    Raises:
        NotFound: the registry does not know the organization.
        Busy: somebody has held the row for too long.
    """
    with platform_scope(reason="lock place"), lock_timeout():
        rows = lock_rows(Tenant.objects.filter(pk=tenant_id))
    if not rows:
        raise NotFound(_("This organization does not exist."))
    return Place(rows[0].currency, rows[0].time_zone)


def add_domain(*, tenant_id: UUID, host: str, state: DomainState, is_primary: bool) -> Domain:
    """Point `host` at the tenant. May be called again: the host's own row is then left as it is.

    Raises:
        WrongState: the host points to another tenant.
    """
    with platform_scope(reason="add domain"), transaction.atomic():
        domain, _created = Domain.objects.get_or_create(
            host=host, defaults={"tenant_id": tenant_id, "state": state, "is_primary": is_primary}
        )
        if domain.tenant_id != tenant_id:
            raise WrongState(_("This address belongs to another organization."), field="host")
        transaction.on_commit(host_cache.clear, robust=True)
    return domain


def activate_tenant(*, actor: Actor, tenant_id: UUID) -> None:
    """Put a finished organization into service. Quiet when it is in service already."""
    move_status(actor, tenant_id, (TenantStatus.PROVISIONING, TenantStatus.ACTIVE), TenantStatus.ACTIVE, needs="tenants.create")


def begin_maintenance(*, actor: Actor, tenant_id: UUID) -> None:
    """Show an organization's maintenance page, within seconds everywhere. Quiet when it is shown already."""
    states = (TenantStatus.ACTIVE, TenantStatus.MAINTENANCE)
    move_status(actor, tenant_id, states, TenantStatus.MAINTENANCE, needs="tenants.suspend")


def end_maintenance(*, actor: Actor, tenant_id: UUID) -> None:
    """Put an organization back into service whose maintenance `begin_maintenance` began; one in quarantine stays closed."""
    with platform_scope(reason="end maintenance"), transaction.atomic():
        move_status(actor, tenant_id, (TenantStatus.MAINTENANCE,), status_in_service(tenant_id), needs="tenants.suspend")
        transaction.on_commit(partial(wake, tenant_id=tenant_id), robust=True)


def switch_schema(*, actor: Actor, tenant_id: UUID, expected: str, schema: str, version: str) -> None:
    """Let an organization's data be those of `schema` instead of `expected`, from now on; both are of `version`.

    In maintenance only, when nobody is served. What was cached before is found by nobody.

    Raises:
        WrongState: it is not in maintenance, or its data were exchanged, or brought to another version, meanwhile.
    """
    actor.require("tenants.delete")
    note_resident(tenant_id=tenant_id, schema=schema)
    with platform_scope(reason="switch schema"), transaction.atomic():
        as_seen = {"status": TenantStatus.MAINTENANCE, "schema_name": expected, "schema_version": version}
        rows = Tenant.objects.filter(pk=tenant_id, **as_seen)
        if not rows.update(schema_name=schema, cache_generation=F("cache_generation") + 1, updated_at=clock.now()):
            raise WrongState(_("This organization is not in maintenance, or its data were exchanged, or migrated, meanwhile."))
        transaction.on_commit(host_cache.clear, robust=True)


def close_tenant(*, actor: Actor, tenant_id: UUID) -> None:
    """Begin the end: the organization is not served any more. Quiet when it is closing already."""
    living = [state for state in TenantStatus if state is not TenantStatus.ERASED]
    move_status(actor, tenant_id, tuple(living), TenantStatus.CLOSING, needs="tenants.delete")


def clear_cache(tenant: TenantContext) -> None:
    """Start a new generation of the tenant's cache: nobody finds what was cached before.

    Other processes follow as soon as they load the tenant again, within a second.
    """
    update_tenant(tenant_id=tenant.id, cache_generation=F("cache_generation") + 1)


def _refuse_occupied(slug: str, *, holder: UUID | None, now: datetime) -> None:
    look = skeleton(slug)
    reserved = ReservedName.objects.annotate(look=skeleton_of("slug")).filter(look=look).first()
    if reserved is not None and reserved.holder == holder and reserved.slug == slug:
        return
    if (reserved is not None and reserved.slug == slug) or Tenant.objects.filter(slug__iexact=slug).exists():
        raise SlugTaken(_("This name is taken."))
    if reserved is not None and reserved.holder != holder:
        raise SlugLooksAlike(_("This name is too easy to mistake for “%(other)s”.") % {"other": reserved.slug})
    if ReleasedName.objects.annotate(look=skeleton_of("name")).filter(look=look, free_at__gt=now).exists():
        raise SlugReleased(_("This name was in use not long ago and is kept free for a while."))


def _spelled_as_known(slug: str) -> str:
    """`slug` in the spelling of the name that it can be mistaken for; as it is where there is none."""
    alike = ReservedName.objects.annotate(look=skeleton_of("slug")).filter(look=skeleton(slug)).order_by("slug")
    return alike.values_list("slug", flat=True).first() or spelled_as_reserved(slug) or slug


def _occupied_skeletons(looks: list[str]) -> set[str]:
    reserved = ReservedName.objects.annotate(look=skeleton_of("slug")).filter(look__in=looks).values_list("look", flat=True)
    released = (
        ReleasedName.objects.annotate(look=skeleton_of("name"))
        .filter(look__in=looks, free_at__gt=clock.now())
        .values_list("look", flat=True)
    )
    return {*reserved, *released}


def _taken_skeletons(slugs: list[str]) -> set[str]:
    return {skeleton(slug) for slug in Tenant.objects.filter(slug__in=slugs).values_list("slug", flat=True)}
