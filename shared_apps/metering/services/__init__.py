"""What is done about use: counted, stopped, told to owners and to Stripe, forgotten."""

from shared_apps.metering.rules import open_since
from shared_apps.metering.services.buckets import LONG_BACK, count_traffic
from shared_apps.metering.services.capping import take_within_cap
from shared_apps.metering.services.counting import count_ai_tokens, count_facts, count_of_many, note_level
from shared_apps.metering.services.reporting import compare_part, ensure_meters, report_part
from shared_apps.metering.services.slicing import cut_slices
from shared_apps.metering.services.tidying import forget_old_usage
from shared_apps.metering.services.warning import tell_of_quotas

__all__ = [
    "LONG_BACK",
    "compare_part",
    "count_ai_tokens",
    "count_facts",
    "count_of_many",
    "count_traffic",
    "cut_slices",
    "ensure_meters",
    "forget_old_usage",
    "note_level",
    "open_since",
    "report_part",
    "take_within_cap",
    "tell_of_quotas",
]
