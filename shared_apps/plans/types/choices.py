"""The words that columns of the catalogue choose from."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class PlanKind(models.TextChoices):
    """What is sold: a plan, of which an organization has one, or an add-on, of which it has as many as it likes."""

    PLAN = "plan", _("Plan")
    ADD_ON = "add_on", _("Add-on")


class Interval(models.TextChoices):
    """For how long a price is paid."""

    MONTH = "month", _("Month")
    YEAR = "year", _("Year")


class Beyond(models.TextChoices):
    """What happens beyond the included amount of a quota."""

    REFUSED = "refused", _("Refused")
    TOLERATED = "tolerated", _("Let through, and told")
    SOLD = "sold", _("Let through, and charged")


class MoveState(models.TextChoices):
    """How far an order to move organizations to a version is."""

    RUNNING = "running", _("Under way")
    DONE = "done", _("Done")


class StripeKind(models.TextChoices):
    """What of ours Stripe has an object for."""

    PRODUCT = "product", _("Product")
    PRICE = "price", _("Price")
