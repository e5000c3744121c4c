"""The tag library `plans`: features that a plan does not include, and what becomes of a price by the year."""

from __future__ import annotations

from typing import Any

from django import template
from django.template.context import Context

from shared_apps.plans.types import LockedFeature

register = template.Library()


@register.inclusion_tag("plans/locked.html", takes_context=True)
def locked_feature(
    context: Context, feature: LockedFeature, url: str = "", *, is_bare: bool = False
) -> dict[str, Any]:  # Any: a template's context
    """What a feature would do, which plan has it and for how much, and a link to `url`, where one can get it.

    The feature comes from a selector, so that no query starts here. `is_bare` is inside a card of the page's own.
    """
    return {
        "feature": feature,
        "url": url,
        "is_bare": is_bare,
        # Money is written as people here write it.
        "tenant": context.get("tenant"),
        "locale": context.get("locale"),
    }
