"""A process that sends tasks and publishes events of two tenants in turn, as two busy marketplaces do."""

from __future__ import annotations

import sys

from tests.isolation.workers.app import note_where  # sets Django up

from django.db import transaction  # isort: skip

from kernel.events import publish  # isort: skip
from shared_apps.accounts.models import User  # isort: skip
from tenant_apps.members.events import MemberJoined  # isort: skip
from tenant_apps.members.types import Role  # isort: skip
from tenants.hosts import context_for  # isort: skip
from tenants.scope import tenant_scope  # isort: skip
from tests.factories.tenants import ALPHA_ID, BETA_ID  # isort: skip
from tests.isolation.stock import Names  # isort: skip


def main(rounds: int) -> None:
    twins = [context_for(tenant_id) for tenant_id in (ALPHA_ID, BETA_ID)]
    for number in range(rounds):
        for tenant in twins:
            with tenant_scope(tenant):
                note_where.delay(number, tenant.slug)
                if number == 0:
                    _publish()


def _publish() -> None:
    """A person of whom the other marketplace has a twin becomes a provider."""
    manager = User.objects.get(email=Names("").email("manager"))
    with transaction.atomic():
        publish(MemberJoined(user_id=manager.pk, role=Role.PROVIDER))


if __name__ == "__main__":
    main(int(sys.argv[1]))
