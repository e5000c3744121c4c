"""Beginning, moving and changing what organizations are billed for."""

from shared_apps.billing.services.beginning import begin_missing, begin_trial
from shared_apps.billing.services.moving import change, move

__all__ = ["begin_missing", "begin_trial", "change", "move"]
