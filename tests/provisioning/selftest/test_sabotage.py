"""Negative controls: with a guard switched off, the attempts that it refuses get through, and the report says so."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager
from typing import Any

import pytest
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.core.cache import caches

from shared_apps.isolation.types import FAMILIES, Result
from tenants import router, scope, sessions, signing, stamp, storage
from tenants.backend import base
from tenants.backend.base import DatabaseWrapper
from tenants.cache import ScopedSerializer
from tenants.context import TenantContext
from tenants.roles import owner_role
from tenants.scope import platform_scope
from tenants.tasks import ScopedTask

type Sabotage = Callable[[pytest.MonkeyPatch], None]


def instances_carry_no_stamp(patch):
    for module in (stamp, router):
        patch.setattr(module, "refuse_foreign", lambda instance: None)


def cursors_do_not_look_where_they_stand(patch):
    patch.setattr(base._Witness, "_stand_here", lambda self: None)


def queries_need_no_scope(patch):
    """Whoever has none gets the one that was entered last."""
    entered, last = scope._entered, []

    @contextmanager
    def remembered(found):
        last[:] = [found]
        with entered(found):
            yield

    patch.setattr(scope, "_entered", remembered)
    for module in (scope, base):
        patch.setattr(module, "require_scope", lambda: scope._scope.get() or last[0])


def everybody_is_the_owner(patch):
    """The second wall is off: all stand in one role that may do everything."""
    patch.setattr(TenantContext, "role", property(lambda _self: owner_role()))


def a_moved_role_is_not_put_right(patch):
    patch.setattr(DatabaseWrapper, "doubt_standing_after", lambda self, sql: None)


def locks_do_not_name_the_scope(patch):
    from kernel import locking

    patch.setattr(locking.wiring, "lock_namespace", lambda: "everybody")


def cache_keys_do_not_name_the_scope(patch):
    patch.setattr(type(caches["default"]), "make_key", lambda self, key, version=None: f"everybody:{key}")
    patch.setattr(ScopedSerializer, "loads", _unchecked)


def cached_values_are_not_checked(patch):
    patch.setattr(ScopedSerializer, "loads", _unchecked)


def _unchecked(self: ScopedSerializer, data: Any) -> Any:
    loaded = super(ScopedSerializer, self).loads(data)
    return loaded if type(loaded) is int else loaded[1]


def files_lie_in_one_folder(patch):
    patch.setattr(storage, "scope_prefix", lambda: "t/everybody")


def folders_can_be_left(patch):
    """The whole media folder is everybody's, and names are joined to the own one by hand."""
    location = storage.TenantFileSystemStorage.location.fget
    patch.setattr(storage.TenantFileSystemStorage, "path", lambda self, name: f"{location(self)}/{name}")


def tasks_run_where_the_worker_stands(patch):
    patch.setattr(ScopedTask, "__call__", lambda self, *args, **kwargs: self.run(*args, **kwargs))


def statements_run_on_the_platform(patch):
    """A statement in a scope that should have been left: the platform's role may write the queue."""
    from provisioning.selftest.acts import tasks

    refusals = tasks.refusals_of_the_role

    @contextmanager
    def astray():
        with refusals(), platform_scope(reason="sabotage"):
            yield

    patch.setattr(tasks, "refusals_of_the_role", astray)


def jobs_count_for_the_last_tenant(patch):
    """The door is asked in the other's scope: what a confused connection would do."""
    from provisioning.selftest.acts import tasks

    enqueue, seen = tasks.enqueue, []

    def astray(job):
        from tenants.scope import current_tenant, tenant_scope

        seen.append(current_tenant())
        with tenant_scope(seen[0]):
            return enqueue(job)

    patch.setattr(tasks, "enqueue", astray)


def rooms_do_not_name_the_tenant(patch):
    from tenants import live

    patch.setattr(live, "group_name", lambda kind, public_id: f"t.everybody.{kind}.{public_id}")


def signatures_hold_everywhere(patch):
    """And numbers are the same on both sides, as in a clone: what a signature names is found wherever it is presented."""
    patch.setattr(signing, "_salt", lambda purpose: purpose)
    patch.setattr(signing, "_keys", lambda: ["one key for everybody"])


def sessions_make_no_claim(patch):
    patch.setattr(sessions.SessionStore, "load", DatabaseStore.load)


def pages_keep_their_first_scope(patch):
    """The middleware knows whose page is asked for, and enters where it stood before."""
    from tenants import middleware

    enter, first = middleware.tenant_scope, []

    def entered(tenant):
        first.append(tenant)
        return enter(first[0])

    patch.setattr(middleware, "tenant_scope", entered)


def sockets_keep_their_first_scope(patch):
    from tenants import live

    enter, first = live.tenant_scope, []

    def entered(tenant):
        first.append(tenant)
        return enter(first[0])

    patch.setattr(live, "tenant_scope", entered)


def the_path_is_set_once(patch):
    """The connection stays where the first scope led it."""
    stand_on, first = DatabaseWrapper.stand_on, []

    def stand(self, found):
        if isinstance(found, TenantContext):
            first.append(found)
            found = first[0]
        stand_on(self, found)

    patch.setattr(DatabaseWrapper, "stand_on", stand)


SABOTAGES: dict[Sabotage, tuple[str, set[str]]] = {
    instances_carry_no_stamp: ("objects", {"objects.save", "objects.delete", "objects.related"}),
    cursors_do_not_look_where_they_stand: ("objects", {"objects.cursor"}),
    queries_need_no_scope: ("objects", {"objects.no_scope"}),
    everybody_is_the_owner: (
        "database",
        {"database.read", "database.write", "database.delete", "database.rights", "database.registry"},
    ),
    a_moved_role_is_not_put_right: ("database", {"database.role"}),
    locks_do_not_name_the_scope: ("database", {"database.locks"}),
    cache_keys_do_not_name_the_scope: ("cache", {"cache.key", "cache.rates"}),
    cached_values_are_not_checked: ("cache", {"cache.copied"}),
    files_lie_in_one_folder: ("files", {"files.name", "files.address"}),
    folders_can_be_left: ("files", {"files.path"}),
    tasks_run_where_the_worker_stands: ("tasks", {"tasks.headerless", "tasks.stay"}),
    jobs_count_for_the_last_tenant: ("tasks", {"tasks.door"}),
    rooms_do_not_name_the_tenant: ("live", {"live.group"}),
    signatures_hold_everywhere: ("access", {"access.signature", "access.key_copied"}),
    sockets_keep_their_first_scope: ("live", {"live.ticket"}),
    the_path_is_set_once: ("objects", {"objects.lazy"}),
    sessions_make_no_claim: ("access", {"access.session_copied"}),
    pages_keep_their_first_scope: (
        "search",
        {"search.services", "search.providers", "search.page", "search.sitemap"},
    ),
}


# The same sabotage shows in another family too.
ALSO: list[tuple[Sabotage, str, set[str]]] = [
    (statements_run_on_the_platform, "tasks", {"tasks.forge"}),
    (
        pages_keep_their_first_scope,
        "access",
        {"access.session", "access.key", "access.booking", "access.invitation", "access.password"},
    ),
]
CASES = [*((sabotage, *found) for sabotage, found in SABOTAGES.items()), *ALSO]


def test_every_attempt_is_seen_to_get_through_under_some_sabotage():
    seen = {attempt for _sabotage, _family, caught in CASES for attempt in caught}

    assert seen == {attempt for family in FAMILIES for attempt in family.attempts}


@pytest.mark.parametrize(("sabotage", "family", "caught"), CASES)
def test_without_its_guard_an_attempt_gets_through(try_family, monkeypatch, sabotage, family, caught):
    sabotage(monkeypatch)

    trials = try_family(family, only=caught)

    reached = {attempt for (attempt, _direction), trial in trials.items() if trial.result == Result.REACHED}
    assert reached == caught, trials
