"""Asking what the current organization's plan allows; making plans and their versions; moving organizations between them.

Asking reads the TenantContext only: a tenant's request never touches the public schema.
"""

from shared_apps.plans.services.asking import has, included_in, is_within_limit, limit_of, require, require_within_limit
from shared_apps.plans.services.billed import Biller, Order, register_biller
from shared_apps.plans.services.drafting import (
    begin_draft,
    check_contents,
    create_plan,
    describe_plan,
    discard_draft,
    save_draft,
)
from shared_apps.plans.services.loading import DEFAULT_PLAN, load_default_plans
from shared_apps.plans.services.moving import order_move
from shared_apps.plans.services.publishing import offer_plan, publish_draft, retire_plan
from shared_apps.plans.services.shelf import ensure_meter, is_sold_by_stripe, meters_of, order_sync, sync_with_stripe
from shared_apps.plans.services.subscribing import follow_subscription, set_add_on, start_trial

__all__ = [
    "DEFAULT_PLAN",
    "Biller",
    "Order",
    "begin_draft",
    "check_contents",
    "create_plan",
    "describe_plan",
    "discard_draft",
    "ensure_meter",
    "follow_subscription",
    "has",
    "included_in",
    "is_sold_by_stripe",
    "is_within_limit",
    "limit_of",
    "load_default_plans",
    "meters_of",
    "offer_plan",
    "order_move",
    "order_sync",
    "publish_draft",
    "register_biller",
    "require",
    "require_within_limit",
    "retire_plan",
    "save_draft",
    "set_add_on",
    "start_trial",
    "sync_with_stripe",
]
