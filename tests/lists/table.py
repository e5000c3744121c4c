"""Every address that shows rows: who asks it, what a row of it is called, and how many of ten it shows at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from kernel.ids import format_public_id
from tests.backoffice.market import PROVIDER, UPCOMING
from tests.factories.tenants import ALPHA_ID

FEW, MANY = 2, 10
GUEST, CUSTOMER, PROVIDES, OWNER, OPERATOR, PROGRAM = "guest", "customer", "provider", "owner", "operator", "program"
_ALPHA: Final = format_public_id("org", ALPHA_ID)


@dataclass(frozen=True)
class List:
    """One address, asked with two and with ten rows of everything; `word` is what its own are called (tests.lists.rows)."""

    route: str
    path: str
    who: str
    word: str
    few: int = FEW
    many: int = MANY

    def __str__(self) -> str:
        return f"{self.path} as {self.who}"


def _of_one(route: str, path: str, who: str) -> List:
    """A page of one thing, which others of its kind may not make dearer."""
    return List(route, path, who, "Guest", few=0, many=0)


MARKET_LISTS: Final = [
    # A few of each kind, whatever there is.
    List("storefront_home", "/", GUEST, "Person", many=4),
    List("storefront_services", "/services/", GUEST, "Offer"),
    List("storefront_services", "/services/?when=week", GUEST, "Offer"),
    # The service itself, and two beside it.
    List("storefront_service", "/services/offer-001/", GUEST, "Offer", many=3),
    List("storefront_providers", "/providers/", GUEST, "Person"),
    List("storefront_provider", "/providers/ines-duarte/", GUEST, "Offer"),
    List("storefront_category", "/categories/deep-clean/", GUEST, "Offer"),
    List("storefront_sitemap", "/sitemap.xml", GUEST, "Offer"),
    List("booking_account", "/account/", CUSTOMER, "Booked"),
    List("booking_account", "/account/?show=past", CUSTOMER, "Booked"),
    List("backoffice:home", "/manage/", OWNER, "Guest"),
    List("backoffice:home", "/manage/", PROVIDES, "Guest"),
    List("backoffice:calendar", "/manage/calendar/", OWNER, "Guest"),
    List("backoffice:calendar", "/manage/calendar/", PROVIDES, "Guest"),
    List("backoffice:bookings", "/manage/bookings/", OWNER, "Guest"),
    List("backoffice:bookings", "/manage/bookings/", PROVIDES, "Guest"),
    List("backoffice:bookings", "/manage/bookings/?tab=to-confirm", OWNER, "Guest"),
    List("backoffice:bookings", "/manage/bookings/?tab=past", OWNER, "Guest"),
    List("backoffice:bookings", "/manage/bookings/?tab=cancelled", OWNER, "Guest"),
    _of_one("backoffice:booking", f"/manage/bookings/{UPCOMING}/", OWNER),
    _of_one("backoffice:plan", "/manage/settings/plan/", OWNER),
    List("backoffice:invoices", "/manage/settings/plan/invoices/", OWNER, "Invoice"),
    _of_one("backoffice:plan_change", "/manage/settings/plan/change/?plan=studio", OWNER),
    _of_one("backoffice:plan_use", "/manage/settings/plan/use/", OWNER),
    List("backoffice:providers", "/manage/providers/", OWNER, "Person"),
    List("backoffice:providers", "/manage/providers/", OWNER, "Invited"),
    List("backoffice:services", f"/manage/providers/{PROVIDER}/services/", PROVIDES, "Offer"),
    List("backoffice:hours", f"/manage/providers/{PROVIDER}/hours/", PROVIDES, "Exception"),
    List("backoffice:hours", f"/manage/providers/{PROVIDER}/hours/", PROVIDES, "Closure"),
    List("backoffice:categories", "/manage/categories/", OWNER, "Kind"),
    List("backoffice:closures", "/manage/closed-days/", OWNER, "Closure"),
    List("backoffice:domains", "/manage/settings/domains/", OWNER, "Domain"),
    List("backoffice:data", "/manage/settings/data/", OWNER, "Archive"),
    List("backoffice:isolation", "/manage/settings/isolation/", OWNER, "Tested"),
    List("backoffice:api_keys", "/manage/settings/api-keys/", OWNER, "Key"),
    List("members_team", "/manage/team/", OWNER, "Member"),
    List("members_team", "/manage/team/", OWNER, "Invited"),
    List("api_services", "/api/v1/services", PROGRAM, "Offer"),
    List("api_bookings", "/api/v1/bookings", PROGRAM, "Guest"),
]
PLATFORM_LISTS: Final = [
    List("entry_home", "/account/", OWNER, "Market"),
    # Its few lines are shared with the runs that were asked for.
    List("console_home", "/console/", OPERATOR, "Act", many=4),
    List("console_tenants", "/console/tenants/", OPERATOR, "Market"),
    List("console_tenant", f"/console/tenants/{_ALPHA}/", OPERATOR, "Domain"),
    List("console_snapshots", f"/console/tenants/{_ALPHA}/snapshots/", OPERATOR, "snapshot"),
    List("console_health", "/console/health/", OPERATOR, "Market"),
    _of_one("console_tenant_health", f"/console/tenants/{_ALPHA}/health/", OPERATOR),
    List("console_fleet", "/console/fleet/", OPERATOR, "Quarantine"),
    List("console_runs", "/console/runs/", OPERATOR, "run"),
    _of_one("console_plans", "/console/plans/", OPERATOR),
    List("console_plan", "/console/plans/studio/", OPERATOR, "Market"),
    List("console_plan_move", "/console/plans/studio/moves/2/", OPERATOR, "Market"),
    List("console_plan_what_if", "/console/plans/studio/draft/what-if/", OPERATOR, "Market"),
    # Names nobody: it counts them.
    _of_one("console_plan_publish", "/console/plans/studio/draft/publish/", OPERATOR),
    _of_one("console_plan_draft", "/console/plans/studio/draft/", OPERATOR),
    _of_one("console_plan_moves", "/console/plans/studio/moves/", OPERATOR),
    _of_one("console_tenant_add_ons", f"/console/tenants/{_ALPHA}/add-ons/", OPERATOR),
    List("console_subscriptions", "/console/subscriptions/", OPERATOR, "Market"),
    List("console_subscriptions", "/console/subscriptions/?state=owing&q=market", OPERATOR, "Market"),
    List("console_invoices", "/console/invoices/", OPERATOR, "invoice"),
    List("console_invoices", "/console/invoices/?state=overdue&q=market", OPERATOR, "invoice"),
    List("console_invoices_file", "/console/invoices.csv", OPERATOR, "invoice"),
    List("console_invoice", "/console/invoices/in_001/", OPERATOR, "note"),
    List("console_business", "/console/business/", OPERATOR, "Market"),
    _of_one("console_business_customers", "/console/business/customers/", OPERATOR),
    List("console_business_invoices", "/console/business/invoices/", OPERATOR, "Market"),
    List("console_themes", "/console/themes/", OPERATOR, "Look"),
    List("console_theme", f"/console/themes/{'f' * 64}/", OPERATOR, "Market"),
    List("console_jobs", "/console/jobs/", OPERATOR, "Error"),
    List("console_webhooks", "/console/webhooks/", OPERATOR, "event"),
    List("console_audit", "/console/audit/", OPERATOR, "Act"),
    List("api_tenants", "/api/v1/tenants", PROGRAM, "Market"),
    List("api_runs", "/api/v1/runs", PROGRAM, "run"),
    List("api_domains", f"/api/v1/tenants/{_ALPHA}/domains", PROGRAM, "Domain"),
    List("api_domain_changes", f"/api/v1/tenants/{_ALPHA}/domains/{{changed}}/changes", PROGRAM, "Change"),
]

_NO_LIST: Final = {
    "a file or a word": {
        "themes:stylesheet", "themes:brand_file", "themes:package_file", "booking_calendar_file",
        "backoffice:share_code", "backoffice:data_download",
        "backoffice:isolation_file", "signing_key",
        "storefront_media", "storefront_robots", "site_stalls_css", "healthz", "metrics", "api_description", "api_nothing",
        "console_plan_what_if_file", "console_business_file",
    },
    "leads on to another address": {
        "sandbox:look", "backoffice:mine", "storefront_short_link", "members_enter", "entry_walk", "signup_enter",
    },
    "one person's own account": {
        "account_login", "account_logout", "account_inactive", "account_signup", "account_reauthenticate", "account_email",
        "account_email_verification_sent", "account_change_password", "account_set_password", "account_reset_password",
        "account_reset_password_done", "account_reset_password_from_key_done", "account_reset_password_from_key",
        "accounts_profile", "accounts_security",
    },
}  # fmt: skip
NOT_IN_A_MARKETPLACE: Final[dict[str, set[str]]] = _NO_LIST | {
    "words that the organization wrote, or the code": {"storefront_text", "api_reference"},
    "one booking, or what is left to choose for it": {
        "booking_details", "booking_picker", "booking_status", "booking_move", "booking_cancel", "booking_renew",
        "booking_find", "backoffice:booking_decline", "backoffice:booking_cancel", "api_booking",
    },
    "one thing, or a question about it": {
        "members_join", "members_member", "backoffice:profile", "backoffice:share", "backoffice:service_create",
        "backoffice:service", "backoffice:category", "backoffice:category_delete", "backoffice:settings", "backoffice:domain",
        "backoffice:domain_platform", "backoffice:domain_primary", "backoffice:domain_remove", "backoffice:api_key_revoke",
        "backoffice:isolation_report", "api_service", "sandbox:home", "sandbox:renew", "sandbox:remove", "sandbox:undo",
        "backoffice:close", "backoffice:plan_cancel", "backoffice:plan_paid", "backoffice:theme",
    },
    "what is open to be paid, of which there is one or two": {"backoffice:plan_pay"},
    "only a sandbox has it: its queries are counted in tests/provisioning/sandboxes": {"sandbox:mail", "sandbox:letter"},
    "compares two marketplaces as a whole, by the same few queries": {"sandbox:changes"},
    "times of one provider, whose queries tests/availability counts": {"api_availability"},
}  # fmt: skip
NOT_ON_THE_PLATFORM: Final[dict[str, set[str]]] = _NO_LIST | {
    "words of the code, and plans": {"site_front", "signup_start", "api_reference"},
    "an answer about one name, colour or place": {"signup_name", "signup_color", "signup_place"},
    "one run with its steps, of which there are always as many": {"signup_progress", "console_run", "api_run"},
    "what differs, of which there are always as many tables": {"console_restored"},
    "records of a restored snapshot, whose queries tests/provisioning/archives counts": {"console_records", "console_record"},
    "a closed marketplace and its three archives at most; what one run proved": {
        "closed_marketplace", "closed_download", "console_run_proof", "console_run_proof_file",
    },
    "one thing, or a question about it": {
        "console_tenant_subscription", "entry_standing",
        "console_tenant_sandbox", "console_restored_swap", "console_tenant_move", "console_plan_create",
        "console_plan_describe", "console_plan_offer", "console_plan_retire", "console_plan_draft_discard",
        "api_tenant", "api_domain", "console_tenant_close", "console_tenant_reopen", "console_tenant_erase",
        "console_run_undo", "console_tenant_suspend", "console_tenant_resume",
        "console_jobs_replay_all", "console_job_replay", "console_job_cancel", "console_jobs_replay_of_tenant",
        "console_invoice_paid", "console_invoice_void", "console_invoice_credit",
        "console_tenant_invoice", "console_tenant_billing", "console_theme_install", "console_theme_remove",
        "console_jobs_cancel_of_tenant", "console_webhook", "console_webhook_replay", "console_webhook_set_aside",
        "console_webhooks_replay_all",
    },
}  # fmt: skip
