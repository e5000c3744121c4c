"""What the owner reads when something changed."""

from __future__ import annotations

from django.core import mail

from shared_apps.domains.events import DomainChanged
from shared_apps.domains.models import DomainChange
from tenant_apps.backoffice.handlers import write_about_domain
from tenants.hosts import context_for
from tenants.scope import platform_scope, tenant_scope
from tests.domains.conftest import HOST, THEIRS
from tests.factories.tenants import ALPHA_ID


def write(domain) -> None:
    with platform_scope(reason="test"):
        ids = tuple(DomainChange.objects.filter(domain_id=domain.pk).order_by("-id").values_list("pk", flat=True)[:2])
    tenant = context_for(ALPHA_ID)
    assert tenant is not None
    with tenant_scope(tenant):
        write_about_domain(DomainChanged(domain_id=domain.public_id, host=HOST, change_ids=ids))


def test_the_letter_says_what_changed_and_what_to_do_and_comes_once(bring, dns, look_twice):
    domain = bring()
    dns.set(HOST, "A", THEIRS)
    look_twice(domain)

    write(domain)
    write(domain)

    (letter,) = mail.outbox
    assert letter.to == ["owner@twin.example"]
    assert HOST in letter.subject
    for sentence in (
        "The name leads to another server.",
        THEIRS,
        "Replace its address record by the one for this platform.",
        "is removed unless that comes back",
        "It is removed on Thu",
        f"http://alpha.localhost/manage/settings/domains/{domain.outside_id}/",
    ):
        assert sentence in letter.body


def test_nothing_is_written_of_a_history_that_is_gone(bring):
    domain = bring()
    with platform_scope(reason="test"):
        DomainChange.objects.all().delete()

    write(domain)

    assert mail.outbox == []
