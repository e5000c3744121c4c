"""Addresses that answer GET and that axe is not sent to, by reason."""

from __future__ import annotations

from typing import Final

_ACCOUNTS_ON_THE_PLATFORM: Final = {
    "account_logout", "account_signup", "account_email", "account_change_password",
    "account_email_verification_sent", "account_reset_password_from_key", "accounts_profile", "accounts_security",
}  # fmt: skip
_LITTLE: Final = {
    "words alone, on the card of sign-in": {
        "account_inactive",
        "account_reset_password_done",
        "account_reset_password_from_key_done",
    },
    "fewer fields of the same card than sign-in and the change of a password": {
        "account_reauthenticate",
        "account_set_password",
    },
}
NOT_IN_A_MARKETPLACE: Final[dict[str, set[str]]] = _LITTLE | {
    "a file": {
        "themes:stylesheet", "themes:brand_file", "themes:package_file", "booking_calendar_file",
        "backoffice:share_code", "backoffice:data_download",
        "backoffice:isolation_file",
        "storefront_media", "storefront_robots", "storefront_sitemap",
    },
    "the page of the platform's API, in the layout of the storefront": {"api_reference"},
    "leads on to another address": {"sandbox:look", "backoffice:mine", "storefront_short_link"},
    "a part of the page of a service": {"booking_picker"},
    "a part of the page of the plan": {"backoffice:plan_use"},
    "a question before an act, of the same parts as “delete a category” and “cancel a booking”": {
        "backoffice:domain_platform", "backoffice:domain_primary", "backoffice:domain_remove", "backoffice:api_key_revoke",
    },
    "there while something is open to be paid, of the parts of the list of invoices": {"backoffice:plan_pay"},
}  # fmt: skip
NOT_ON_THE_PLATFORM: Final[dict[str, set[str]]] = _LITTLE | {
    "the page of a marketplace's accounts, in the layout of the platform's sign-in": _ACCOUNTS_ON_THE_PLATFORM,
    "a file": {
        "site_stalls_css", "signing_key", "closed_download", "console_run_proof_file", "console_plan_what_if_file",
        "console_business_file",
        "console_invoices_file",
    },
    "a part of the page of a plan": {"console_plan_moves"},
    "a word for the health check": {"healthz"},
    "numbers for Prometheus": {"metrics"},
    "leads on to another address": {"entry_walk", "signup_enter"},
    "a part of the page of sign-up": {"signup_name", "signup_color", "signup_place"},
    "the same question as “suspend”, with other words": {
        "console_tenant_sandbox", "console_tenant_subscription",
        "console_tenant_resume", "console_jobs_cancel_of_tenant", "console_tenant_close", "console_tenant_reopen",
        "console_theme_remove", "console_tenant_erase", "console_restored_swap", "console_tenant_move",
    },
    "the same question as “replay all”, with other words": {
        "console_job_replay", "console_job_cancel", "console_jobs_replay_of_tenant",
        "console_webhook_replay", "console_webhook_set_aside", "console_webhooks_replay_all",
        "console_plan_offer", "console_plan_retire", "console_plan_draft_discard",
    },
    "there once somebody was billed, of the parts of the page of a webhook and the question of “add-ons”": {
        "console_invoice", "console_invoice_paid", "console_invoice_void", "console_invoice_credit",
    },
    "there once Stripe has told something, of the parts of the page of a run": {"console_webhook"},
}  # fmt: skip
