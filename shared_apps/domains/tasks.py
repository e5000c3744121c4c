"""The doctor's rounds. All may run twice: claims and locks in the database decide."""

from __future__ import annotations

import structlog
from celery import shared_task
from kombu.exceptions import OperationalError

from kernel import clock
from shared_apps.domains.services import run_check, take_due_checks

log = structlog.get_logger(__name__)


@shared_task(name="domains.check_domain")  # type: ignore[untyped-decorator]  # Celery is untyped
def check_domain(domain_pk: int) -> None:
    """Look at one domain."""
    run_check(domain_pk)


@shared_task(name="domains.sweep_domains")  # type: ignore[untyped-decorator]  # Celery is untyped
def sweep_domains() -> None:
    """Send the domains that are due to the workers: looking takes seconds, and the sweeper has none to give."""
    for domain_pk in take_due_checks(now=clock.now()):
        try:
            check_domain.delay(domain_pk)
        except (OperationalError, OSError):
            log.warning("broker away, domains are looked at later")
            return
