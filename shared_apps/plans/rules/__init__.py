"""What versions of plans give and cost, and how they differ; pure."""

from shared_apps.plans.rules.granting import allows, checked, complete, excesses, granted, included, known

__all__ = ["allows", "checked", "complete", "excesses", "granted", "included", "known"]
