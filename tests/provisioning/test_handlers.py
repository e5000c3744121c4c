"""What follows when a marketplace has opened."""

import pytest
from django.conf import settings
from django.core import mail
from django.core.files.storage import default_storage

from provisioning.events import OrganizationLive
from provisioning.handlers import publish_first_look, write_to_owner
from themes.publishing import stylesheet_name, theme_of


@pytest.fixture
def event(in_alpha) -> OrganizationLive:
    return OrganizationLive(tenant_id=in_alpha.id, name=in_alpha.name, owner_email="ann@example.org")


def test_the_owner_gets_one_letter_with_the_address_and_the_way_in(event, in_alpha):
    write_to_owner(event)
    write_to_owner(event)

    (letter,) = mail.outbox
    assert letter.to == ["ann@example.org"]
    assert in_alpha.name in letter.subject
    assert in_alpha.base_url in letter.body
    assert f"{in_alpha.base_url}/enter/" in letter.body
    assert f"{settings.PLATFORM_URL}/accounts/password/reset/" in letter.body


def test_the_look_is_written_as_files_once(event, in_alpha, monkeypatch, tmp_path):
    monkeypatch.setattr(settings, "MEDIA_ROOT", str(tmp_path))

    publish_first_look(event)
    publish_first_look(event)

    assert default_storage.exists(stylesheet_name(theme_of(in_alpha).hash))


def test_the_letters_button_leads_a_signed_in_owner_into_the_marketplace(event, alpha, alpha_client, platform_client):
    write_to_owner(event)
    way_in = f"{alpha.base_url}/enter/"
    assert way_in in mail.outbox[0].body

    onward = alpha_client.get("/enter/")["Location"]

    assert onward.startswith(f"{settings.PLATFORM_URL}/enter/{alpha.slug}/?challenge=")
