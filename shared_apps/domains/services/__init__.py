"""What changes domains."""

from shared_apps.domains.services.checking import check_domain_now, run_check
from shared_apps.domains.services.claiming import claim_domain, release_domain
from shared_apps.domains.services.ending import release_all
from shared_apps.domains.services.primary import use_as_primary, use_platform_address
from shared_apps.domains.services.upkeep import LEASE, take_due_checks, tidy_domains

__all__ = [
    "LEASE",
    "check_domain_now",
    "claim_domain",
    "release_all",
    "release_domain",
    "run_check",
    "take_due_checks",
    "tidy_domains",
    "use_as_primary",
    "use_platform_address",
]
