"""Mutants of what leaves a request and carries its tenant: cache, files, signatures, tasks, sockets, hosts, log lines."""

from __future__ import annotations

from tests.isolation.mutants.mutant import Edit, Mutant

_BOUNDARIES = "tests/tenants/test_boundaries.py::"
_HOSTS = "tests/tenants/test_hosts.py::"
_AJAR = "tests/isolation/test_ajar.py::"
_SOCKETS = "tests/isolation/test_sockets.py::"

MUTANTS = (
    Mutant(
        "cache-key-without-tenant",
        "All tenants share one shelf; that the value is looked at turns the leak into an error.",
        (Edit("tenants.cache:make_key", "{scope.key}:", ""),),
        f"{_BOUNDARIES}test_a_cached_value_is_seen_by_its_tenant_only",
        shown_by=("WrongTenant",),
    ),
    Mutant(
        "cache-value-unchecked",
        "Whatever lies under the key is believed.",
        (Edit("tenants.cache:ScopedSerializer.loads", "if owner != (here := require_scope().key):", "if here := '':"),),
        f"{_BOUNDARIES}test_a_cached_value_under_a_foreign_key_is_refused",
    ),
    Mutant(
        "cache-without-generation",
        "What was cleared is still read.",
        (Edit("tenants.cache:make_key", "{scope.cache_generation}:", ""),),
        "tests/tenants/test_registry.py::test_clearing_a_tenants_cache_leaves_the_others_alone",
    ),
    Mutant(
        "theme-hides-the-wall",
        "A template of a theme package that reaches into another tenant gives way quietly, as one with a slip in it does.",
        (Edit("themes.guarding:GuardedTemplate._gives_way_to", "isinstance(error, _NOT_THE_TEMPLATES)", "False"),),
        "tests/themes/test_guarding.py::test_what_no_template_can_help_is_not_hidden[wall]",
    ),
    Mutant(
        "theme-version-unchecked",
        "Templates run that somebody else put under a version's name.",
        (Edit("themes.shelf:_unpack", "digest_of(packages) != digest", "False"),),
        "tests/themes/test_shelf.py::test_other_bytes_under_a_versions_name_are_not_run",
    ),
    Mutant(
        "files-in-one-folder",
        "A file's name is enough to read another's.",
        (Edit("tenants.storage:scope_prefix", "t/{scope.storage_prefix}", "t"),),
        f"{_BOUNDARIES}test_a_file_of_one_tenant_does_not_exist_for_the_other",
    ),
    Mutant(
        "signatures-of-everybody",
        "A link of one tenant opens the same row of another (key and salt say the same, so both must go).",
        (
            Edit("tenants.signing:_salt", "{require_scope().key}:", ""),
            Edit("tenants.signing:_keys", "{require_scope().key}", ""),
        ),
        f"{_BOUNDARIES}test_a_signature_holds_in_its_tenant_and_for_its_purpose_only",
    ),
    Mutant(
        "signatures-for-everything",
        "A link for one purpose opens another.",
        (Edit("tenants.signing:_salt", ":{purpose}", ""),),
        f"{_BOUNDARIES}test_a_signature_holds_in_its_tenant_and_for_its_purpose_only",
    ),
    Mutant(
        "one-key-for-all-hashes",
        "A key or code whose row was copied is good in both.",
        (Edit("tenants.signing:_keys", "{require_scope().key}", ""),),
        f"{_BOUNDARIES}test_the_hash_of_a_token_differs_between_tenants",
    ),
    Mutant(
        "task-without-scope-runs",
        "A task that names no scope runs on the operators' tables.",
        (Edit("tenants.tasks:ScopedTask.__call__", "or getattr(self.request, HEADER, None)", "or _PLATFORM"),),
        f"{_BOUNDARIES}test_a_task_is_sent_with_its_scope_and_refused_without",
    ),
    Mutant(
        "task-in-the-platforms-scope",
        "The header is read and not followed.",
        (Edit("tenants.tasks:ScopedTask.__call__", "None if named == _PLATFORM else UUID(named)", "None"),),
        f"{_BOUNDARIES}test_a_task_runs_inside_the_scope_it_was_sent_from",
        shown_by=("NoTenant",),
    ),
    Mutant(
        "suspended-is-worked-for",
        "Jobs of a suspended tenant go on.",
        (
            Edit(
                "tenants.tasks:enter_scope",
                "if not is_worked_for(context.status, keeps_bookings=context.keeps_bookings):",
                "if False:",
            ),
        ),
        f"{_BOUNDARIES}test_nothing_is_done_for_a_tenant_that_is_not_served[suspended]",
    ),
    Mutant(
        "any-schema-is-worked-on",
        "Code works on a schema that it does not know.",
        (Edit("tenants.tasks:enter_scope", "if not is_served(context):", "if False:"),),
        f"{_BOUNDARIES}test_nothing_is_done_in_a_schema_of_another_version",
    ),
    Mutant(
        "jobs-in-the-platforms-scope",
        "What waited in the outbox for a tenant is done for nobody.",
        (Edit("kernel.outbox.relay:_handle", "wiring.enter_scope(message.tenant_id,", "wiring.enter_scope(None,"),),
        "tests/kernel/test_jobs.py::test_a_job_of_one_tenant_runs_in_its_scope_and_never_in_its_twins",
    ),
    Mutant(
        "suspended-is-shown",
        "The pages of a suspended tenant stay open.",
        (
            Edit(
                "tenants.middleware:ScopeMiddleware._serve",
                "if tenant.status != TenantStatus.ACTIVE and not is_let_through(tenant, request):",
                "if False:",
            ),
        ),
        f"{_HOSTS}test_a_tenant_that_is_not_served_answers_with_its_states_page[suspended-403]",
    ),
    Mutant(
        "ajar-is-open",
        "Behind the narrow door of a marketplace that is suspended for billing stands all of it.",
        (
            Edit(
                "tenants.ajar:is_let_through", "return request.method in settings.OPEN_WHILE_AJAR.get(name, ())", "return True"
            ),
        ),
        f"{_AJAR}test_nothing_is_answered_but_what_the_table_names[GET]",
    ),
    Mutant(
        "ajar-for-whatever-is-suspended",
        "What an operator has suspended has the narrow door, too.",
        (Edit("tenants.ajar:is_let_through", "if not tenant.is_ajar:", "if False:"),),
        f"{_AJAR}test_what_an_operator_has_suspended_is_shut_altogether",
    ),
    Mutant(
        "redirect-to-the-asked-host",
        "A redirect leads to whatever the client called us.",
        (Edit("tenants.middleware:_to_primary", "tenant.base_url + request.get_full_path()", "request.build_absolute_uri()"),),
        f"{_HOSTS}test_another_name_of_the_tenant_leads_to_the_first_and_keeps_path_and_query",
    ),
    Mutant(
        "host-cache-not-emptied",
        "Other processes go on with what a tenant was.",
        (Edit("tenants.hosts:HostCache.clear", "cache.incr(_GENERATION_KEY)", "pass"),),
        "tests/tenants/test_host_cache.py::test_a_change_that_another_process_told_of_is_seen_within_a_second",
    ),
    Mutant(
        "host-confirmed-unseen",
        "A host is looked at again, and believed whatever was found.",
        (Edit("tenants.hosts:_Entry.confirm", "is_same = version == self.version and ", "is_same = "),),
        "tests/tenants/test_host_cache.py::test_a_change_that_nobody_told_of_is_seen_after_five_seconds_and_not_asked_for_before",
    ),
    Mutant(
        "host-believed-as-sent",
        "The same name in another spelling is somebody else.",
        (Edit("tenants.hosts:normalise_host", '.rstrip(".").lower()', ""),),
        "tests/isolation/test_hosts.py::test_a_host_in_another_spelling_is_the_same_marketplace_and_no_other[ALPHA.localhost]",
    ),
    Mutant(
        "socket-groups-without-tenant",
        "A bell for one marketplace's booking rings at its twin's.",
        (Edit("tenants.live:group_name", "{current_tenant().id}.", ""),),
        f"{_SOCKETS}test_interleaved_messages_read_their_own_tenant",
    ),
    Mutant(
        "sockets-of-the-suspended",
        "An open socket outlives its tenant's suspension.",
        (Edit("tenants.live:ScopedConsumer._served_tenant", "or tenant.status != TenantStatus.ACTIVE", ""),),
        f"{_SOCKETS}test_a_suspended_tenant_loses_its_socket_with_the_next_message",
    ),
    Mutant(
        "sockets-from-any-page",
        "The twin's page opens a socket with the visitor's cookies.",
        (Edit("tenants.live:ScopedConsumer.connect", "None if self._is_foreign_origin() else ", ""),),
        f"{_SOCKETS}test_a_page_of_another_site_cannot_open_a_socket[http://beta.localhost]",
    ),
    Mutant(
        "log-lines-unscrubbed",
        "Links, codes and cookies stand in the log.",
        (Edit("tenants.logs:strike_secrets", 'scrubbed(name, value) if name != "_record" else value', "value"),),
        "tests/tenants/test_logs.py::test_secrets_are_struck_out_wherever_they_stand",
    ),
    Mutant(
        "log-lines-of-nobody",
        "A line does not say whose it is.",
        (Edit("tenants.logs:add_scope", 'line["tenant"] = str(scope.id)', "pass"),),
        "tests/tenants/test_logs.py::test_every_line_of_a_request_says_whose_it_is",
        shown_by=("KeyError",),
    ),
    Mutant(
        "parts-of-another-file",
        "The rest of one archive is sent to whoever has the beginning of another.",
        (Edit("webui.downloads:_is_same_file", "parse_etags(condition) == [etag]", "True"),),
        "tests/webui/test_downloads.py::test_the_rest_of_another_file_is_never_sent",
    ),
)
