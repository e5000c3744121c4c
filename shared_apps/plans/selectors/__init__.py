"""What plans there are, who has what of them, and what was used of it."""

from shared_apps.plans.rules.comparing import differences, price_label, terms_words, value_words
from shared_apps.plans.rules.pricing import HOUSE_CURRENCY, paid_in, price_of, saved_by_year
from shared_apps.plans.selectors.catalogue import (
    all_plans,
    contents_of,
    current_and_drafts,
    current_version,
    draft_of,
    get_plan,
    moves_of,
    offered_plans,
    offers,
    plan_named,
    version_contents,
    version_prices,
    versions_of,
    with_parts,
)
from shared_apps.plans.selectors.held import (
    add_ons_held,
    additions_of,
    current_terms,
    entitlements_for,
    given_by,
    offer_of,
    readable_entitlements,
)
from shared_apps.plans.selectors.locked import entitlement_of, locked_feature, locked_features, smallest_plan_with
from shared_apps.plans.selectors.standing import larger_plans, standing_of
from shared_apps.plans.selectors.stripe import (
    PriceName,
    links_of,
    metered_price_ids,
    price_id_of,
    prices_by_id,
    wanted_at_stripe,
)
from shared_apps.plans.selectors.usage import last_months, usage_by_month
from shared_apps.plans.selectors.whatif import subscribers_by_version, what_if

__all__ = [
    "HOUSE_CURRENCY",
    "PriceName",
    "add_ons_held",
    "additions_of",
    "all_plans",
    "contents_of",
    "current_and_drafts",
    "current_terms",
    "current_version",
    "differences",
    "draft_of",
    "entitlement_of",
    "entitlements_for",
    "get_plan",
    "given_by",
    "larger_plans",
    "last_months",
    "links_of",
    "locked_feature",
    "locked_features",
    "metered_price_ids",
    "moves_of",
    "offer_of",
    "offered_plans",
    "offers",
    "paid_in",
    "plan_named",
    "price_id_of",
    "price_label",
    "price_of",
    "prices_by_id",
    "readable_entitlements",
    "saved_by_year",
    "smallest_plan_with",
    "standing_of",
    "subscribers_by_version",
    "terms_words",
    "usage_by_month",
    "value_words",
    "version_contents",
    "version_prices",
    "versions_of",
    "wanted_at_stripe",
    "what_if",
    "with_parts",
]
