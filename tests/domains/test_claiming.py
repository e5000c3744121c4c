"""Asking for a domain, proving it, and giving it up again: who gets it, and who does not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from kernel.actor import Actor
from kernel.errors import PermissionDenied, Throttled
from shared_apps.audit.models import AuditEntry
from shared_apps.domains.errors import (
    DomainNotFound,
    HostIsPublicSuffix,
    HostLooksAlike,
    HostNotConfirmed,
    HostReserved,
    HostTaken,
    TooManyDomains,
)
from shared_apps.domains.models import CustomDomain
from shared_apps.domains.services import claim_domain, release_all, release_domain, run_check, take_due_checks
from shared_apps.domains.services.checking import DOCTOR
from shared_apps.domains.services.claiming import MOST, MOST_A_DAY, _refuse_others
from shared_apps.domains.types import ClaimState
from shared_apps.plans.errors import LimitReached, NotInPlan
from tenants.hosts import host_cache
from tenants.models import Domain, Tenant
from tenants.scope import platform_scope
from tests.domains.conftest import HOST, OWNER, fresh, prove
from tests.factories.tenants import ALPHA_ID, BETA_ID


def served_by(host: str):
    host_cache._entries.clear()
    found = host_cache.get(host)
    return None if found is None else found.id


def rows() -> int:
    with platform_scope(reason="test"):
        return CustomDomain.objects.count()


def test_a_claim_is_served_only_after_its_proof_was_seen_twice(claim, dns, moments):
    domain = claim()
    run_check(domain.pk)
    assert fresh(domain).state == ClaimState.CLAIMED
    assert served_by(HOST) is None

    prove(dns, domain)
    run_check(domain.pk)
    assert fresh(domain).state == ClaimState.CLAIMED
    assert served_by(HOST) is None
    assert fresh(domain).next_check_at == moments.now + timedelta(minutes=1)
    moments.pass_by(timedelta(minutes=1))
    run_check(domain.pk)

    assert fresh(domain).state == ClaimState.VERIFIED
    assert served_by(HOST) == ALPHA_ID


def test_a_claim_asked_for_twice_is_one_attempt(claim):
    first, second = claim(), claim(HOST.upper())

    assert second.token == first.token
    assert rows() == 1


def test_after_its_end_a_claim_has_another_token_and_the_old_one_proves_nothing(claim, dns, moments):
    first = claim()
    prove(dns, first)
    moments.pass_by(timedelta(days=8))

    second = claim()
    run_check(second.pk)

    assert second.token != first.token
    assert fresh(first).state == ClaimState.RELEASED
    assert fresh(second).state == ClaimState.CLAIMED
    assert served_by(HOST) is None


def test_of_two_who_claim_one_host_the_one_who_proves_gets_it(claim, dns, look_twice):
    alphas, betas = claim(), claim(tenant_id=BETA_ID)
    prove(dns, betas)
    look_twice(alphas)
    look_twice(betas)
    assert served_by(HOST) == BETA_ID

    prove(dns, alphas)
    look_twice(alphas)

    assert (fresh(alphas).state, fresh(alphas).release_reason) == (ClaimState.RELEASED, "taken")
    assert fresh(betas).state == ClaimState.VERIFIED
    assert served_by(HOST) == BETA_ID


def test_a_host_that_another_organization_holds_is_refused(bring, claim):
    bring()

    with pytest.raises(HostTaken, match="in use by another organization"):
        claim(tenant_id=BETA_ID)

    assert rows() == 1
    assert served_by(HOST) == ALPHA_ID


def test_a_released_host_needs_a_new_proof_by_whoever_comes_next(bring, claim, dns):
    domain = bring()

    release_domain(actor=OWNER, tenant_id=ALPHA_ID, domain_id=domain.public_id, confirmed_name=HOST)
    assert served_by(HOST) is None
    betas, again = claim(tenant_id=BETA_ID), claim()
    run_check(betas.pk)
    run_check(again.pk)

    assert {fresh(betas).state, fresh(again).state} == {ClaimState.CLAIMED}
    assert len({domain.token, betas.token, again.token}) == 3
    assert served_by(HOST) is None


@pytest.mark.parametrize(
    ("host", "refusal"),
    [
        ("alpha.localhost", HostReserved),
        ("co.uk", HostIsPublicSuffix),
        ("book.acme.test", HostReserved),
    ],
)
def test_names_that_are_not_to_be_had_leave_nothing_behind(claim, host, refusal):
    with pytest.raises(refusal):
        claim(host)

    assert rows() == 0
    with platform_scope(reason="test"):
        assert not AuditEntry.objects.filter(action__startswith="domain.").exists()


def test_letters_of_other_alphabets_do_not_imitate_another_organizations_domain(bring, claim):
    bring("payper.com")

    with pytest.raises(HostLooksAlike):
        claim("páyper.com", BETA_ID)

    assert rows() == 1


def test_plain_names_that_are_alike_belong_to_whoever_registered_each(bring, claim):
    bring("my-cleaning.com")

    assert claim("mycleaning.com", BETA_ID).state == ClaimState.CLAIMED


def test_a_plain_name_belongs_to_whoever_registered_it_though_an_imitation_came_first(bring, claim):
    bring("páyper.com")

    assert claim("payper.com", BETA_ID).state == ClaimState.CLAIMED


def test_an_imitation_that_was_claimed_first_is_found_when_it_is_proven(bring, claim, dns, look_twice):
    imitation = claim("book.páyper.com", BETA_ID)
    bring("www.payper.com")
    prove(dns, imitation)

    look_twice(imitation)

    assert (fresh(imitation).state, fresh(imitation).release_reason) == (ClaimState.RELEASED, "look_alike")
    assert served_by(imitation.host) is None


def test_a_host_that_the_registry_lost_is_still_its_holders(bring, claim, dns, look_twice):
    bring()
    betas = claim("book.other-cleaning.com", BETA_ID)
    with platform_scope(reason="test"):
        Domain.objects.filter(host=HOST).delete()
        CustomDomain.objects.filter(pk=betas.pk).update(host=HOST)

    with platform_scope(reason="test"), pytest.raises(HostTaken):
        _refuse_others(HOST, BETA_ID)
    prove(dns, fresh(betas))
    look_twice(betas)

    assert (fresh(betas).state, fresh(betas).release_reason) == (ClaimState.RELEASED, "taken")


@pytest.mark.parametrize("host", ["Book.Acme-Cleaning.com", "book.acme-cleaning.com."])
def test_the_database_keeps_a_host_in_its_one_form(claim, host):
    domain = claim()

    with platform_scope(reason="test"), pytest.raises(IntegrityError, match="host_canonical"), transaction.atomic():
        CustomDomain.objects.filter(pk=domain.pk).update(host=host)


def test_an_organization_begins_only_so_many_attempts_in_a_day(claim, moments):
    for _ in range(MOST_A_DAY):
        domain = claim()
        release_domain(actor=OWNER, tenant_id=ALPHA_ID, domain_id=domain.public_id, confirmed_name=HOST)

    with pytest.raises(Throttled):
        claim()
    assert claim(tenant_id=BETA_ID).state == ClaimState.CLAIMED
    moments.pass_by(timedelta(days=1))

    assert claim().state == ClaimState.CLAIMED


def test_our_first_look_leaves_the_owner_time_to_set_the_record(claim, moments):
    domain = claim()

    with platform_scope(reason="test"):
        assert take_due_checks(now=moments.now + timedelta(minutes=4, seconds=59)) == []
        assert take_due_checks(now=moments.now + timedelta(minutes=5)) == [domain.pk]


@pytest.mark.parametrize("typed", ["bücher-lesen.de", "BÜCHER-LESEN.de", "xn--bcher-lesen-thb.de", "bücher-lesen。de"])
def test_a_domain_is_removed_by_its_name_in_its_own_letters(claim, typed):
    domain = claim("bücher-lesen.de")

    released = release_domain(actor=OWNER, tenant_id=ALPHA_ID, domain_id=domain.public_id, confirmed_name=typed)

    assert released.state == ClaimState.RELEASED


def test_all_that_an_organization_has_ends_with_it(bring, claim):
    live, begun, betas = bring(), claim("two.acme-cleaning.com"), claim("book.twin-cleaning.com", BETA_ID)

    ended = [release_all(actor=DOCTOR, tenant_id=ALPHA_ID) for _ in range(2)]

    assert ended == [2, 0]
    assert {fresh(live).release_reason, fresh(begun).release_reason} == {"ended"}
    assert fresh(betas).state == ClaimState.CLAIMED
    assert served_by(HOST) is None
    assert served_by("alpha.localhost") == ALPHA_ID


def test_a_plan_without_domains_says_so(db):
    with pytest.raises(NotInPlan) as refused:
        claim_domain(actor=OWNER, tenant_id=ALPHA_ID, host=HOST)

    assert refused.value.entitlement == "custom_domain"
    assert rows() == 0


def test_a_plan_may_have_room_for_a_few_domains_only(claim):
    claim()
    with platform_scope(reason="test"):
        Tenant.objects.filter(pk=ALPHA_ID).update(entitlements={"custom_domain": True, "max_domains": 1})

    with pytest.raises(LimitReached) as refused:
        claim("one-more.acme-cleaning.com")

    assert (refused.value.entitlement, refused.value.limit, rows()) == ("max_domains", 1, 1)


def test_an_organization_holds_only_so_many(claim):
    for number in range(MOST):
        claim(f"b{number}.acme-cleaning.com")

    with pytest.raises(TooManyDomains):
        claim("one-more.acme-cleaning.com")

    assert rows() == MOST


def test_nobody_else_may(claim):
    domain = claim()
    manager = Actor.user(user_id=2, label="manager")

    with pytest.raises(PermissionDenied):
        claim("two.acme-cleaning.com", actor=manager)
    with pytest.raises(PermissionDenied):
        release_domain(actor=manager, tenant_id=ALPHA_ID, domain_id=domain.public_id, confirmed_name=HOST)

    assert fresh(domain).state == ClaimState.CLAIMED


def test_another_organizations_domain_is_not_there(claim):
    domain = claim()

    with pytest.raises(DomainNotFound):
        release_domain(actor=OWNER, tenant_id=BETA_ID, domain_id=domain.public_id, confirmed_name=HOST)

    assert fresh(domain).state == ClaimState.CLAIMED


def test_a_domain_is_removed_only_by_its_name(bring):
    domain = bring()

    with pytest.raises(HostNotConfirmed) as refused:
        release_domain(actor=OWNER, tenant_id=ALPHA_ID, domain_id=domain.public_id, confirmed_name="alpha")

    assert refused.value.field == "confirm_name"
    assert served_by(HOST) == ALPHA_ID


def test_what_was_done_stands_in_the_audit_trail(bring):
    domain = bring()
    operator = Actor.operator(user_id=7, label="olive@stoa.example", capabilities=frozenset({"domains.edit", "tenants.view"}))

    release_domain(actor=operator, tenant_id=ALPHA_ID, domain_id=domain.public_id, confirmed_name=HOST)

    with platform_scope(reason="test"):
        trail = list(AuditEntry.objects.filter(target=HOST).order_by("id").values_list("action", "actor_label", "tenant_id"))
    assert trail == [
        ("domain.claimed", OWNER.label, ALPHA_ID),
        ("domain.verified", "domain doctor", ALPHA_ID),
        ("domain.issuing", "domain doctor", ALPHA_ID),
        ("domain.live", "domain doctor", ALPHA_ID),
        ("domain.released", "olive@stoa.example", ALPHA_ID),
    ]
    with platform_scope(reason="test"):
        assert not Domain.objects.filter(host=HOST).exists()
