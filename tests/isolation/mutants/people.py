"""Mutants of sessions, codes, keys and links, and of who may see what within one marketplace."""

from __future__ import annotations

from tests.isolation.mutants.mutant import Edit, Mutant

_REPLAY = "tests/isolation/test_replay.py::"
_OPENS_NOTHING = f"{_REPLAY}test_a_credential_of_beta_opens_nothing_elsewhere"
_WALK = "tests/entry/test_walk.py::"
_REDEEM = "shared_apps.entry.services:redeem_entry_code"
_SEEN = "tests/bookings/test_selectors.py::"

MUTANTS = (
    Mutant(
        "session-without-claim",
        "A session whose row was copied signs in in both.",
        (Edit("tenants.sessions:SessionStore.load", "if stored and stored.get(_CLAIM) != require_scope().key:", "if False:"),),
        f"{_OPENS_NOTHING}[copied_session]",
    ),
    Mutant(
        "reset-key-without-scope",
        "A link to reset a password opens the account of the same number in the twin.",
        (Edit("shared_apps.accounts.tokens:ScopedTokenGenerator._make_hash_value", "{require_scope().key}|", ""),),
        f"{_OPENS_NOTHING}[reset_link]",
    ),
    Mutant(
        "email-key-without-scope",
        "A link that confirms an address confirms that of the same number in the twin.",
        (Edit("shared_apps.accounts.scoped_settings:get", "account:{require_scope().key}", "account"),),
        f"{_REPLAY}test_a_signed_token_of_beta_is_refused_in_every_other_scope[email_key]",
    ),
    Mutant(
        "entry-code-for-any-host",
        "The code of the owner's walk opens another marketplace.",
        (Edit(_REDEEM, "if (row.ownership.tenant_id, row.host) != (tenant_id, host):", "if False:"),),
        f"{_OPENS_NOTHING}[entry_code]",
    ),
    Mutant(
        "entry-code-for-any-browser",
        "Whoever comes by the code walks in.",
        (Edit(_REDEEM, "if row.browser_challenge != challenge_of(browser_nonce):", "if False:"),),
        f"{_WALK}test_a_code_does_not_open_in_another_browser_and_is_spent_by_the_try",
    ),
    Mutant(
        "entry-code-spent-by-nobody",
        "The code opens twice.",
        (Edit("shared_apps.entry.services:_spend", "used_at=None", ""),),
        f"{_WALK}test_a_code_works_once",
    ),
    Mutant(
        "revoked-keys-live",
        "A revoked API key goes on.",
        (Edit("shared_apps.rest.keys:find_live", "revoked_at=None", ""),),
        f"{_REPLAY}test_a_revoked_key_opens_nothing_anywhere[alpha]",
    ),
    Mutant(
        "keys-of-any-request",
        "The answer to one caller is given to another who sends the same idempotency key.",
        (Edit("shared_apps.rest.repeating:_principal", 'f"guest:{keyed_hash(_PURPOSE, who)}"', '"guest"'),),
        "tests/api/test_repeating.py::test_guests_do_not_share_their_keys",
    ),
    Mutant(
        "bookings-of-everybody",
        "A customer sees everybody's bookings.",
        (Edit("tenant_apps.bookings.permissions:visible_condition", "mine = Q(customer_id=actor.user_id)", "mine = Q()"),),
        f"{_SEEN}test_each_sees_their_own_and_the_manager_all",
    ),
    Mutant(
        "operators-number-is-a-persons",
        "An operator with the number of a customer sees that customer's bookings.",
        (Edit("tenant_apps.bookings.permissions:visible_condition", 'if actor.kind != "user":', "if False:"),),
        f"{_SEEN}test_numbers_that_happen_to_match_show_nothing",
    ),
    Mutant(
        "archives-of-the-others",
        "A link to an archive is good for whoever has it.",
        (Edit("shared_apps.archives.selectors:archive_behind", "if user_id == actor.user_id else None", ""),),
        "tests/backoffice/test_data.py::test_a_link_is_for_whoever_saw_it",
    ),
    Mutant(
        "counted-together",
        "One visitor's requests use up everybody's.",
        (Edit("tenants.rates:_name", "{who}:", ""),),
        "tests/bookings/test_details_pages.py::test_a_guest_books_only_so_often_by_the_pages_and_loses_nothing",
    ),
)
