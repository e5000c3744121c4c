"""Negative controls: with a guard switched off, the attempts that it refuses get through, and the report says so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.core.cache import caches

from shared_apps.isolation.types import Result, Verdict
from tenants import sessions, signing, stamp, storage
from tenants.backend.base import DatabaseWrapper
from tenants.cache import ScopedSerializer
from tenants.context import TenantContext
from tenants.hosts import HostCache
from tenants.roles import owner_role
from tenants.tasks import ScopedTask

type Sabotage = Callable[[pytest.MonkeyPatch], None]


def instances_carry_no_stamp(patch):
    patch.setattr(stamp, "refuse_foreign", lambda instance: None)


def cursors_have_no_witness(patch):
    from tenants.backend import base

    patch.setattr(base._Witness, "_stand_here", lambda self: None)


def everybody_is_the_owner(patch):
    """The second wall is off: all stand in one role that may do everything."""
    patch.setattr(TenantContext, "role", property(lambda _self: owner_role()))


def a_moved_role_is_not_put_right(patch):
    patch.setattr(DatabaseWrapper, "doubt_standing_after", lambda self, sql: None)


def locks_do_not_name_the_scope(patch, settings=None):
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


def hosts_lead_to_the_first_who_was_asked(patch):
    """What the process found for one host it gives to all: pages of another marketplace at one's own address."""
    find, first = HostCache.get, []

    def get(self, host):
        first.append(find(self, host))
        return first[0]

    patch.setattr(HostCache, "get", get)


def clone_ids(patch):
    """Both sides' bookings, invitations and people have one number, as after a clone; signatures hold everywhere."""
    signatures_hold_everywhere(patch)


SABOTAGES: dict[Sabotage, tuple[str, set[str]]] = {
    instances_carry_no_stamp: ("objects", {"objects.save", "objects.delete"}),
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
    sessions_make_no_claim: ("access", {"access.session_copied"}),
    hosts_lead_to_the_first_who_was_asked: ("search", {"search.services"}),
}


@pytest.mark.parametrize(("sabotage", "family", "caught"), [(s, *found) for s, found in SABOTAGES.items()])
def test_without_its_guard_an_attempt_gets_through(try_family, monkeypatch, sabotage, family, caught):
    sabotage(monkeypatch)

    trials = try_family(family)

    reached = {attempt for (attempt, _direction), trial in trials.items() if trial.result == Result.REACHED}
    assert caught <= reached
