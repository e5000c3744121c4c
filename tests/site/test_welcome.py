"""The letter to a new owner: it leads into their marketplace, once, and is sent once."""

from urllib.parse import urlsplit

import pytest
from django.core import mail

from provisioning.events import OrganizationLive
from provisioning.welcome import welcome_owner
from tenants.scope import tenant_scope
from tests.factories.people import PASSWORD, link_in_last_mail, sign_in
from tests.members.helpers import make_member


@pytest.fixture
def event(in_alpha) -> OrganizationLive:
    """Alpha has opened; its owner has no password yet."""
    make_member("ann@alpha.example", "owner", password=None)
    return OrganizationLive(tenant_id=in_alpha.id, name=in_alpha.name, owner_email="ann@alpha.example")


def test_the_link_sets_the_password_for_this_marketplace(event, alpha, alpha_client, beta_client):
    welcome_owner(event)

    link = next(word for word in mail.outbox[-1].body.split() if "/password/reset/key/" in word)
    assert link.startswith(f"{alpha.base_url}/accounts/password/reset/key/")
    form = alpha_client.get(urlsplit(link).path, follow=True)
    assert form.status_code == 200
    alpha_client.post(form.redirect_chain[-1][0], {"password1": "a brand new secret", "password2": "a brand new secret"})
    sign_in(alpha_client, "ann@alpha.example", "a brand new secret")
    assert alpha_client.get("/accounts/profile/").status_code == 200


def test_the_link_opens_nothing_elsewhere(event, beta, beta_client):
    welcome_owner(event)
    with tenant_scope(beta):
        make_member("ann@alpha.example", "owner")

    link = next(word for word in mail.outbox[-1].body.split() if "/password/reset/key/" in word)
    page = beta_client.get(urlsplit(link).path, follow=True)

    assert 'name="password1"' not in page.content.decode()


def test_told_twice_it_writes_once(event):
    welcome_owner(event)
    welcome_owner(event)

    assert len(mail.outbox) == 1
    assert mail.outbox[0].to == ["ann@alpha.example"]
    assert link_in_last_mail().startswith("http://alpha.localhost")


def test_an_owner_with_a_password_is_not_written_to(in_alpha):
    make_member("bob@alpha.example", "owner", password=PASSWORD)

    welcome_owner(OrganizationLive(tenant_id=in_alpha.id, name=in_alpha.name, owner_email="bob@alpha.example"))

    assert mail.outbox == []


def test_an_owner_who_is_gone_is_not_written_to(in_alpha):
    welcome_owner(OrganizationLive(tenant_id=in_alpha.id, name=in_alpha.name, owner_email="nobody@alpha.example"))

    assert mail.outbox == []
