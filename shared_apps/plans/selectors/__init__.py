"""What plans there are, who has what of them, and what was used of it."""

from shared_apps.plans.selectors.catalogue import (
    all_plans,
    contents_of,
    current_version,
    draft_of,
    get_plan,
    offered_plans,
    offers,
    plan_named,
    version_contents,
    versions_of,
    with_parts,
)
from shared_apps.plans.selectors.held import (
    add_ons_held,
    additions_of,
    current_terms,
    entitlements_for,
    offer_of,
    readable_entitlements,
)
from shared_apps.plans.selectors.locked import entitlement_of, locked_feature, locked_features, smallest_plan_with
from shared_apps.plans.selectors.usage import last_months, usage_by_month
from shared_apps.plans.selectors.whatif import subscribers_by_version, what_if

__all__ = [
    "add_ons_held",
    "additions_of",
    "all_plans",
    "contents_of",
    "current_terms",
    "current_version",
    "draft_of",
    "entitlement_of",
    "entitlements_for",
    "get_plan",
    "last_months",
    "locked_feature",
    "locked_features",
    "offer_of",
    "offered_plans",
    "offers",
    "plan_named",
    "readable_entitlements",
    "smallest_plan_with",
    "subscribers_by_version",
    "usage_by_month",
    "version_contents",
    "versions_of",
    "what_if",
    "with_parts",
]
