"""The doctor's rounds: what follows from what is seen, what is kept, and who is told."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kernel.errors import Throttled
from kernel.outbox.models import OutboxMessage
from shared_apps.audit.models import AuditEntry
from shared_apps.domains.errors import DomainNotServed
from shared_apps.domains.models import DomainChange
from shared_apps.domains.services import check_domain_now, run_check, take_due_checks, use_as_primary, use_platform_address
from shared_apps.domains.types import CHALLENGE, ClaimState
from tenants.scope import platform_scope
from tests.domains.conftest import HOST, OURS, OWNER, THEIRS, certificate, fresh, prove
from tests.domains.test_claiming import served_by
from tests.factories.tenants import ALPHA_ID

PAGE = "/services/?q=flat%20clean&page=2"


def changes() -> list[tuple[str, str, str]]:
    with platform_scope(reason="test"):
        return list(DomainChange.objects.order_by("id").values_list("aspect", "before", "after"))


def events() -> list[list[int]]:
    with platform_scope(reason="test"):
        rows = OutboxMessage.objects.filter(event_type="domains.domain_changed.v1").order_by("created_at", "id")
        return [row.payload["change_ids"] for row in rows]


def primary_address(domain):
    return use_as_primary(actor=OWNER, tenant_id=ALPHA_ID, domain_id=domain.public_id)


def test_the_others_redirect_to_the_primary_address_and_keep_path_and_query(bring, alpha_client):
    domain = bring()
    assert alpha_client.get(PAGE, headers={"host": HOST})["Location"] == f"http://alpha.localhost{PAGE}"

    primary_address(domain)
    served_by(HOST)

    answer = alpha_client.get(PAGE, headers={"host": "alpha.localhost"})
    assert (answer.status_code, answer["Location"]) == (301, f"http://{HOST}{PAGE}")
    assert "no-store" in answer["Cache-Control"]
    assert alpha_client.get("/services/", headers={"host": HOST}).status_code == 200


def test_only_a_live_domain_can_be_the_primary_address(claim, dns, probe, look_twice):
    domain = claim()
    prove(dns, domain)
    look_twice(domain)
    with pytest.raises(DomainNotServed):
        primary_address(domain)
    dns.set(HOST, "A", OURS)
    run_check(domain.pk)
    assert fresh(domain).state == ClaimState.ISSUING

    with pytest.raises(DomainNotServed):
        primary_address(domain)


def test_choosing_what_is_chosen_already_is_quiet(bring):
    domain = bring()

    for _ in range(2):
        primary_address(domain)
    assert entries() == 1
    for _ in range(2):
        use_platform_address(actor=OWNER, tenant_id=ALPHA_ID)

    assert entries() == 2


def entries() -> int:
    with platform_scope(reason="test"):
        return AuditEntry.objects.filter(action="domain.primary").count()


def test_the_address_on_the_platform_can_be_the_primary_one_again(bring, alpha_client):
    primary_address(bring())

    use_platform_address(actor=OWNER, tenant_id=ALPHA_ID)
    served_by(HOST)

    assert alpha_client.get(PAGE, headers={"host": HOST})["Location"] == f"http://alpha.localhost{PAGE}"


def test_a_primary_address_that_fails_gives_way_and_comes_back(bring, dns, alpha_client, look_twice):
    domain = primary_address(bring())
    dns.set(HOST, "A", THEIRS)
    look_twice(domain)
    served_by(HOST)
    assert fresh(domain).state == ClaimState.FAILING
    assert alpha_client.get("/services/", headers={"host": "alpha.localhost"}).status_code == 200

    dns.set(HOST, "A", OURS)
    run_check(domain.pk)
    served_by(HOST)

    assert fresh(domain).state == ClaimState.LIVE
    assert alpha_client.get(PAGE, headers={"host": "alpha.localhost"})["Location"] == f"http://{HOST}{PAGE}"


def test_a_live_domain_whose_proof_moved_away_is_served_for_three_days_and_then_free(
    bring, dns, moments, alpha_client, look_twice
):
    domain = primary_address(bring())
    dns.set(f"{CHALLENGE}.{HOST}", "TXT")
    look_twice(domain)
    moments.pass_by(timedelta(hours=71))
    run_check(domain.pk)
    assert fresh(domain).state == ClaimState.FAILING
    assert served_by(HOST) == ALPHA_ID

    moments.pass_by(timedelta(hours=1))
    run_check(domain.pk)

    assert (fresh(domain).state, fresh(domain).release_reason) == (ClaimState.RELEASED, "gone")
    assert served_by(HOST) is None
    assert alpha_client.get("/services/", headers={"host": "alpha.localhost"}).status_code == 200


def test_silence_of_dns_takes_nothing_away(bring, dns, moments):
    domain = bring()
    dns.silent |= {HOST, f"{CHALLENGE}.{HOST}"}

    for _ in range(5):
        moments.pass_by(timedelta(days=2))
        run_check(domain.pk)

    assert fresh(domain).state == ClaimState.LIVE
    assert served_by(HOST) == ALPHA_ID


def test_no_certificate_is_asked_for_before_the_name_leads_here(claim, dns, probe, look_twice):
    domain = claim()
    prove(dns, domain)
    dns.set(HOST, "A", THEIRS)

    for _ in range(2):
        look_twice(domain)

    assert fresh(domain).state == ClaimState.VERIFIED
    assert probe.looked == []


def test_what_changed_is_kept_and_told_once(bring, dns, moments):
    domain = bring()
    before = changes()
    moments.pass_by(timedelta(days=1))
    dns.set("acme-cleaning.com", "TXT", "v=spf1 -all", "v=spf1 ~all")
    dns.set("acme-cleaning.com", "CAA", "issue digicert.com")

    run_check(domain.pk)
    run_check(domain.pk)

    assert changes()[len(before) :] == [("caa", "open", "forbidden"), ("spf", "none", "several")]
    assert len(events()[-1]) == 2
    assert [after for aspect, _, after in before if aspect == "state"] == ["verified", "issuing", "live"]
    assert len(events()) == 3  # verified, live, and this


def test_a_certificate_that_is_not_renewed_is_news(bring, probe, moments):
    domain = bring()
    probe.certificates[HOST] = certificate()
    moments.pass_by(timedelta(days=80))

    run_check(domain.pk)

    assert changes()[-1] == ("certificate", "ok", "ends_soon")
    assert fresh(domain).state == ClaimState.LIVE


def test_checking_now_asks_only_what_decides(claim, dns, probe):
    domain = claim()
    prove(dns, domain)

    checked = check_domain_now(actor=OWNER, tenant_id=ALPHA_ID, domain_id=domain.public_id)

    assert (checked.state, checked.hint) == (ClaimState.CLAIMED, ClaimState.VERIFIED)
    assert dns.asked == [(f"{CHALLENGE}.{HOST}", "TXT"), (HOST, "A"), (HOST, "AAAA"), (HOST, "CNAME")]
    assert probe.looked == []


def test_checking_now_again_at_once_is_refused(claim):
    domain = claim()
    check_domain_now(actor=OWNER, tenant_id=ALPHA_ID, domain_id=domain.public_id)

    with pytest.raises(Throttled):
        check_domain_now(actor=OWNER, tenant_id=ALPHA_ID, domain_id=domain.public_id)


def test_a_due_domain_is_taken_once_and_is_due_again_when_its_worker_died(claim, moments):
    domain = claim()
    moments.pass_by(timedelta(minutes=5))
    with platform_scope(reason="test"):
        assert take_due_checks(now=moments.now) == [domain.pk]
        assert take_due_checks(now=moments.now) == []

        moments.pass_by(timedelta(minutes=3))

        assert take_due_checks(now=moments.now) == [domain.pk]


def test_an_older_look_that_comes_late_changes_nothing(bring, dns, moments):
    domain = bring()
    later = moments.now
    moments.pass_by(timedelta(minutes=-1))
    dns.set(f"{CHALLENGE}.{HOST}", "TXT")

    run_check(domain.pk)

    assert fresh(domain).state == ClaimState.LIVE
    assert fresh(domain).checked_at == later
