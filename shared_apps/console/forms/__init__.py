"""Forms of the console."""

from shared_apps.console.forms.add_ons import AddOnsForm
from shared_apps.console.forms.confirming import ConfirmForm, SuspendForm
from shared_apps.console.forms.drafts import DraftForm
from shared_apps.console.forms.plans import DescribeForm, MoveForm, NewPlanForm, PublishForm

__all__ = ["AddOnsForm", "ConfirmForm", "DescribeForm", "DraftForm", "MoveForm", "NewPlanForm", "PublishForm", "SuspendForm"]
