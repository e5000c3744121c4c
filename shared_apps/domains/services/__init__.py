"""What changes domains."""

from shared_apps.domains.services.checking import check_domain_now, run_check
from shared_apps.domains.services.claiming import claim_domain, release_domain
from shared_apps.domains.services.primary import use_as_primary, use_platform_address
from shared_apps.domains.services.upkeep import take_due_checks

__all__ = [
    "check_domain_now",
    "claim_domain",
    "release_domain",
    "run_check",
    "take_due_checks",
    "use_as_primary",
    "use_platform_address",
]
