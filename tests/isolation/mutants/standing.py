"""Mutants of the scope, of the connection that follows it, and of the second wall."""

from __future__ import annotations

from tests.isolation.mutants.mutant import Edit, Mutant

_BACKEND = "tests/tenants/test_backend.py::"
_BASE = "tenants.backend.base:"

MUTANTS = (
    Mutant(
        "scope-never-left",
        "Whoever comes after a block runs in its tenant.",
        (Edit("tenants.scope:_entered", "_scope.reset(token)", "pass"),),
        "tests/tenants/test_boundaries.py::test_a_task_is_sent_with_its_scope_and_refused_without",
    ),
    Mutant(
        "no-scope-is-the-platforms",
        "Code that forgot to enter a scope reads the operators' tables.",
        (Edit("tenants.scope:require_scope", "scope = _scope.get()", "scope = _scope.get() or PlatformScope('nobody said')"),),
        "tests/tenants/test_scope.py::test_a_query_without_a_scope_is_refused",
    ),
    Mutant(
        "witness-blind",
        "A cursor of one tenant goes on in the next one's scope.",
        (Edit(f"{_BASE}_Witness._stand_here", "if scope.search_path != self._path:", "if False:"),),
        f"{_BACKEND}test_a_cursor_opened_in_one_tenant_refuses_to_run_in_another",
    ),
    Mutant(
        "copy-without-witness",
        "COPY, which does not pass by `execute`, is looked at by nobody.",
        (Edit(f"{_BASE}_Witness.copy", "self._stand_here()", "pass"),),
        f"{_BACKEND}test_a_copy_runs_in_no_other_scope_than_its_cursors",
    ),
    Mutant(
        "cursor-not-led-back",
        "A cursor that outlived another scope reads where that one left the connection.",
        (Edit(f"{_BASE}_Witness._stand_here", "self.db.stand_on(scope)", "pass"),),
        f"{_BACKEND}test_a_cursor_that_is_used_again_after_another_scope_is_led_back",
    ),
    Mutant(
        "path-set-once",
        "A connection that stands anywhere is believed to stand right.",
        (
            Edit(
                f"{_BASE}DatabaseWrapper.stand_on",
                'connection.pgconn.parameter_status(b"search_path") == scope.search_path',
                'connection.pgconn.parameter_status(b"search_path").startswith(b"t_")',
            ),
        ),
        "tests/tenants/test_scope.py::test_rows_of_one_tenant_are_invisible_to_its_twin_and_to_the_platform",
    ),
    Mutant(
        "role-of-the-owner",
        "Tenants stand on their path in the role that may do everything: the second wall is gone.",
        (Edit("tenants.context:TenantContext.role", "tenant_role(self.schema)", "owner_role()"),),
        "tests/tenants/test_wall.py::test_a_tenants_request_cannot[read the twin]",
    ),
    Mutant(
        "moved-role-not-noticed",
        "A role that a statement moved stays for the next tenant.",
        (Edit(f"{_BASE}DatabaseWrapper.doubt_standing_after", "self._is_standing_doubted = True", "pass"),),
        "tests/tenants/test_roles.py::test_a_move_behind_our_back_is_put_right[SET ROLE NONE]",
    ),
    Mutant(
        "public-on-the-path",
        "A missing table is looked for among the operators'.",
        (Edit("tenants.context:TenantContext.search_path", "{self.schema}, ", "{self.schema}, {PUBLIC_SCHEMA}, "),),
        f"{_BACKEND}test_public_is_never_on_a_tenants_path",
    ),
    Mutant(
        "missing-schema-passed-over",
        "A tenant whose schema is gone reads and writes whatever else is on the path.",
        (Edit(f"{_BASE}DatabaseWrapper.stand_on", "if row[0] is None:", "if False:"),),
        f"{_BACKEND}test_a_missing_schema_is_refused_instead_of_skipped",
    ),
    Mutant(
        "librarys-doors-open",
        "django-tenants' own functions move the tenant behind the scope's back.",
        (Edit(f"{_BASE}DatabaseWrapper._refuse_other_door", "if schema not in {None, here}:", "if False:"),),
        f"{_BACKEND}test_the_librarys_own_doors_are_shut",
    ),
    Mutant(
        "instances-unstamped",
        "A row that was read in one tenant is saved in another.",
        (Edit("tenants.stamp:refuse_foreign", "if stamped is not None and stamped != here:", "if False:"),),
        "tests/tenants/test_scope.py::test_an_instance_of_one_tenant_cannot_be_saved_in_another",
    ),
    Mutant(
        "lock-of-everybody",
        "Two tenants wait for each other's locks, and learn of each other by that.",
        (Edit("kernel.locking:_run_locked", "wiring.lock_namespace()", '""'),),
        "tests/kernel/test_locking.py::test_two_tenants_do_not_wait_for_each_other",
    ),
    Mutant(
        "lock-names-run-together",
        "A tenant's lock is another's whose name ends where its own begins.",
        (Edit("kernel.locking:_key", "{len(namespace)}:", ""),),
        "tests/kernel/test_locking.py::test_scope_and_name_do_not_run_into_each_other",
    ),
)
