"""Writes changes into a marketplace, within the caller's transaction and its scope, and tells what came of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from kernel.actor import Actor
from kernel.events import publish
from provisioning.errors import NotYet
from provisioning.sandboxes.promoting.differences import ABSENT, Change, FieldChange
from provisioning.sandboxes.promoting.reading import CONTENT, TOKENS, VOCABULARY
from shared_apps.packages.selectors import package_of_today
from tenant_apps.backoffice.events import LookChanged
from tenant_apps.backoffice.services import save_place
from tenant_apps.catalog.services import (
    remove_category_of_exchange,
    remove_service_of_exchange,
    require_room_on_sale,
    write_category_of_exchange,
    write_service_of_exchange,
)
from tenant_apps.catalog.types import ServiceStatus
from tenants.context import TenantContext
from tenants.hosts import context_for
from tenants.registry import update_tenant
from tenants.scope import tenant_scope
from themes.publishing import kit_key, publish_stylesheet, theme_of
from themes.shelf import find_package

_ACTOR: Final = Actor.system("sandboxes")


def write_changes(tenant: TenantContext, changes: Sequence[Change], *, theme_hash: str = "") -> list[Change]:
    """Write `changes` in an order in which each finds what it needs; those that were really made, as they were made.

    A service that was ever booked is taken off sale instead of removed; a category that keeps such a one stays.
    The registry's row and the catalog must be locked. `theme_hash` names the stylesheet of the look as it will be.

    Raises:
        DomainError: one of them cannot be here; all go back with the caller's transaction.
        NotYet: somebody changed the look since its stylesheet was written.
    """
    made: list[Change] = []
    with tenant_scope(tenant):
        writing = [change for change in changes if change.act != "removed"]
        removing = [change for change in reversed(changes) if change.act == "removed"]
        for change in [*writing, *removing]:
            done = _WRITERS[change.kind](tenant, change)
            made += [] if done is None else [done]
        if any(change.kind == "service" for change in made):
            require_room_on_sale()
        _write_registry(tenant, changes, theme_hash)
    return made


def look_after(tenant: TenantContext, changes: Sequence[Change]) -> TenantContext:
    """The marketplace with the look that it would have after these changes."""
    package, tokens = tenant.theme_package, dict(tenant.theme_tokens)
    for field in _fields_of(changes, "theme"):
        if field.name == "package":
            package = field.new
        else:
            _put(tokens, field.name.removeprefix(TOKENS), field.new)
    # Another package is worn as it is today; its own version stays where only values change.
    digest = tenant.theme_digest if package == tenant.theme_package else package_of_today(package).digest
    return replace(tenant, theme_package=package, theme_digest=digest, theme_tokens=tokens)


def publish_look_after(tenant: TenantContext, changes: Sequence[Change]) -> str:
    """Write the stylesheet of the look after these changes, so that nobody is sent to one that is not there; its hash.

    Raises:
        UnknownPackageError, TokenError, UnreadableThemeError: there is no such look.
    """
    if not _fields_of(changes, "theme"):
        return ""
    after = look_after(tenant, changes)
    find_package(after.theme_ref).resolve_tokens(after.theme_tokens)
    with tenant_scope(after):
        return publish_stylesheet()


def _settings(tenant: TenantContext, change: Change) -> Change:
    del tenant
    values = change.new_values
    place = {name: values.get(name) for name in ("time_zone", "locale")}
    if any(place.values()):
        save_place(actor=_ACTOR, currency=None, time_zone=place["time_zone"], locale=place["locale"])
    return change


def _theme(tenant: TenantContext, change: Change) -> Change:
    del tenant
    return change


def _category(tenant: TenantContext, change: Change) -> Change | None:
    del tenant
    key = UUID(change.key)
    if change.act == "removed":
        return change if remove_category_of_exchange(actor=_ACTOR, category_id=key) else None
    write_category_of_exchange(actor=_ACTOR, category_id=key, values=change.new_values)
    return change


def _service(tenant: TenantContext, change: Change) -> Change | None:
    del tenant
    key = UUID(change.key)
    if change.act != "removed":
        write_service_of_exchange(actor=_ACTOR, service_id=key, values=change.new_values)
        return change
    if remove_service_of_exchange(actor=_ACTOR, service_id=key):
        return change
    old = change.old_values["status"]
    hidden = (FieldChange("status", old, ServiceStatus.HIDDEN.value),)
    return None if old == ServiceStatus.HIDDEN else Change(change.kind, change.key, "changed", hidden)


_WRITERS: Final = {"settings": _settings, "theme": _theme, "category": _category, "service": _service}


def _write_registry(tenant: TenantContext, changes: Sequence[Change], theme_hash: str) -> None:
    facts = _registry_facts(tenant, changes)
    if _fields_of(changes, "theme"):
        look = look_after(tenant, changes)
        if theme_of(look).hash != theme_hash:
            raise NotYet("The look changed while its stylesheet was written: once more.")
        facts |= {
            "theme_package": look.theme_package,
            "theme_digest": look.theme_digest,
            "theme_tokens": look.theme_tokens,
            "theme_hash": theme_hash,
        }
    if not facts:
        return
    update_tenant(tenant_id=tenant.id, **facts)
    written = context_for(tenant.id)
    if written is not None and kit_key(written) != written.brand_kit:
        publish(LookChanged(tenant_id=tenant.id))


def _registry_facts(tenant: TenantContext, changes: Sequence[Change]) -> dict[str, Any]:  # Any: columns of the registry
    vocabulary, content = dict(tenant.vocabulary), dict(tenant.content)
    facts: dict[str, Any] = {}
    for field in _fields_of(changes, "settings"):
        if field.name == "name":
            facts["name"] = field.new
        elif field.name.startswith(VOCABULARY):
            facts["vocabulary"] = vocabulary
            _put(vocabulary, field.name.removeprefix(VOCABULARY), field.new)
        elif field.name.startswith(CONTENT):
            facts["content"] = content
            _put(content, field.name.removeprefix(CONTENT), field.new)
    return facts


def _fields_of(changes: Sequence[Change], kind: str) -> list[FieldChange]:
    return [field for change in changes if change.kind == kind for field in change.fields]


def _put(values: dict[str, Any], name: str, value: Any) -> None:  # Any: JSON
    if value is ABSENT:
        values.pop(name, None)
    else:
        values[name] = value


def named_pictures(changes: Sequence[Change]) -> Mapping[str, None]:
    """The files that the new values name, each once, in their order."""
    found: dict[str, None] = {}
    for change in changes:
        _find_pictures(list(change.new_values.values()), found)
    return found


def _find_pictures(value: Any, found: dict[str, None]) -> None:  # Any: JSON
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            _find_pictures(one, found)
    elif isinstance(value, str) and value.startswith(MEDIA):
        found[value.removeprefix(MEDIA)] = None


MEDIA: Final = "/media/"
