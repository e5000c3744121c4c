"""The doctor's rounds. All may run twice: claims and locks in the database decide."""

from __future__ import annotations

from datetime import datetime

import structlog
from celery import shared_task
from django.conf import settings
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from kernel import clock
from shared_apps.domains.services import LEASE, run_check, take_due_checks
from shared_apps.domains.services import tidy_domains as tidy
from tenants.tasks import are_workers_behind

log = structlog.get_logger(__name__)


@shared_task(name="domains.check_domain")  # type: ignore[untyped-decorator]  # Celery is untyped
def check_domain(domain_pk: int, lease: str = "") -> None:
    """Look at one domain, while `lease` (an instant, where given) is the row's own: what came too late was sent anew."""
    run_check(domain_pk, lease=datetime.fromisoformat(lease) if lease else None)


@shared_task(name="domains.sweep_domains")  # type: ignore[untyped-decorator]  # Celery is untyped
def sweep_domains() -> None:
    """Send the domains that are due to the workers: looking takes seconds, and the sweeper has none to give."""
    queue = settings.DOMAIN_QUEUE or None
    try:
        if are_workers_behind(queue):
            log.warning("workers away, domains are looked at later")
            return
        now = clock.now()
        for domain_pk in take_due_checks(now=now):
            options = {"expires": LEASE.total_seconds(), "queue": queue}
            check_domain.apply_async([domain_pk, (now + LEASE).isoformat()], **options)
    except (OperationalError, RedisError, OSError):
        log.warning("broker away, domains are looked at later")


@shared_task(name="domains.tidy_domains")  # type: ignore[untyped-decorator]  # Celery is untyped
def tidy_domains() -> None:
    """Release what erased organizations hold; forget what ended long ago."""
    tidy(now=clock.now())
