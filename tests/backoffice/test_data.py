"""Your data: asking for an archive, watching it, fetching it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from kernel import clock
from kernel.actor import Actor
from kernel.outbox.models import OutboxMessage
from shared_apps.archives.models import Archive
from shared_apps.archives.selectors import download_token
from shared_apps.archives.services import delete_expired, note_failed, note_progress, note_ready
from shared_apps.archives.types import ArchiveState
from shared_apps.audit.models import AuditEntry
from tenants.scope import platform_scope, tenant_scope
from tests.backoffice.market import browser
from tests.factories.tenants import ALPHA_ID

URL = "/manage/settings/data/"
MADE_AT = datetime.now(UTC)
CONTENT = b"everything about everybody" * 1000


@pytest.fixture
def owner(as_):
    return as_("owner")


def _order(owner) -> Archive:
    assert owner.post(URL, {"is_understood": "on"}).status_code == 303
    return _newest()


def _newest() -> Archive:
    with platform_scope(reason="test"):
        return Archive.objects.filter(tenant_id=ALPHA_ID).latest("id")


def _ready(owner, market) -> Archive:
    archive = _order(owner)
    with tenant_scope(market):
        default_storage.save(archive.file_name, ContentFile(CONTENT))
    note_ready(archive.public_id, size_bytes=len(CONTENT), sha256=sha256(CONTENT).hexdigest())
    return _newest()


def _link(page) -> str:
    """The first download on the page; the tab that leads to the page itself is none."""
    found = re.search(rf'href="({URL}[^"]+)"', page.text)
    assert found, "no download"
    return found[1]


def test_without_an_archive_the_page_says_what_one_is(owner):
    page = owner.get(URL)

    assert "No archive yet" in page.text
    assert "Passwords, keys and second factors are not in it" in page.text
    assert "We also keep a snapshot of every night" in page.text
    assert "hx-trigger" not in page.text


def test_asking_needs_the_confirmation(owner):
    answer = owner.post(URL, {})

    assert answer.status_code == 422
    assert answer.context["form"].errors["is_understood"]
    with platform_scope(reason="test"):
        assert not Archive.objects.exists()


def test_asking_writes_it_down_and_wakes_the_workers(owner):
    archive = _order(owner)

    assert (archive.state, archive.requested_by) == (ArchiveState.WAITING, "owner@twin.example")
    with platform_scope(reason="test"):
        (message,) = OutboxMessage.objects.filter(event_type="archives.archive_ordered.v1")
        entry = AuditEntry.objects.get(action="archive.ordered")
    assert message.payload == {"archive_id": str(archive.public_id)}
    assert (entry.tenant_id, entry.actor_label) == (ALPHA_ID, "owner@twin.example")


def test_asking_twice_is_asking_once(owner):
    first, second = _order(owner), _order(owner)

    assert first.pk == second.pk
    with platform_scope(reason="test"):
        assert OutboxMessage.objects.filter(event_type="archives.archive_ordered.v1").count() == 1


def test_while_it_is_written_the_page_tells_how_far_it_is_and_asks_again(owner):
    archive = _order(owner)
    note_progress(archive.public_id, rows=(1200, 5000), files=(0, 40))

    page, part = owner.get(URL), owner.get(URL, headers={"hx-request": "true"})

    for text in (page.text, part.text):
        assert "1200 of 5000 rows, 0 of 40 files" in text
        assert 'max="5040" value="1200"' in text
        assert 'hx-trigger="load delay:1s"' in text
    assert "<html" not in part.text


def test_a_finished_one_is_listed_with_size_and_hash_and_is_asked_about_no_more(owner, market):
    archive = _ready(owner, market)

    page = owner.get(URL)

    assert archive.sha256 in page.text
    assert "25.4" in page.text
    assert "Asked for by owner@twin.example" in page.text
    assert "hx-trigger" not in page.text


def test_the_link_gives_the_file_to_the_owner(owner, market):
    archive = _ready(owner, market)

    answer = owner.get(_link(owner.get(URL)))

    assert (answer.status_code, b"".join(answer)) == (200, CONTENT)
    assert answer["Content-Type"] == "application/zip"
    assert answer["ETag"] == f'"{archive.sha256}"'
    assert answer["Content-Disposition"] == f'attachment; filename="alpha-{archive.created_at:%Y-%m-%d}.zip"'
    assert "private" in answer["Cache-Control"]


def test_a_download_that_broke_off_goes_on_and_is_noted_once(owner, market):
    archive = _ready(owner, market)
    link = _link(owner.get(URL))

    first = owner.get(link, headers={"range": "bytes=0-9999"})
    rest = owner.get(link, headers={"range": "bytes=10000-", "if-range": f'"{archive.sha256}"'})

    assert (first.status_code, rest.status_code) == (206, 206)
    assert b"".join(first) + b"".join(rest) == CONTENT
    with platform_scope(reason="test"):
        assert AuditEntry.objects.filter(action="archive.fetched").count() == 1


@pytest.mark.parametrize("who", ["manager", "provider"])
def test_nobody_but_owners_comes_here(as_, owner, market, who):
    _ready(owner, market)
    link = _link(owner.get(URL))

    assert as_(who).get(URL).status_code == 403
    assert as_(who).post(URL, {"is_understood": "on"}).status_code == 403
    assert as_(who).get(link).status_code == 403


def test_somebody_who_is_not_signed_in_is_sent_to_the_sign_in_page(owner, market, alpha_client):
    _ready(owner, market)

    answer = alpha_client.get(_link(owner.get(URL)))

    assert answer.status_code == 302
    assert "/accounts/login/" in answer["Location"]


def test_a_link_is_for_whoever_saw_it(owner, market):
    """Another owner has a link of their own; this one, passed on, opens nothing."""
    archive = _ready(owner, market)
    with tenant_scope(market):
        token = download_token(archive, actor=Actor.user(user_id=1, label="another owner"))

    answer = owner.get(f"{URL}{token}/")

    assert answer.status_code == 404
    assert "This link is over" in answer.text


def test_a_link_ends_after_a_day(owner, market):
    _ready(owner, market)
    with time_machine.travel(MADE_AT, tick=False):
        link = _link(owner.get(URL))

    with time_machine.travel(MADE_AT + timedelta(hours=23), tick=False):
        assert b"".join(owner.get(link)) == CONTENT
    with time_machine.travel(MADE_AT + timedelta(hours=25), tick=False):
        assert owner.get(link).status_code == 404


def test_a_forged_link_opens_nothing(owner, market):
    _ready(owner, market)

    assert owner.get(f"{URL}nonsense/").status_code == 404
    assert owner.get(_link(owner.get(URL))[:-3] + "xx/").status_code == 404


def test_the_look_alikes_link_opens_nothing_here(owner, market, beta):
    archive = _ready(owner, market)
    link = _link(owner.get(URL))

    stranger = browser(beta, "owner")

    assert stranger.get(link).status_code == 404
    assert archive.sha256 not in stranger.get(URL).text


def test_one_that_failed_says_so_and_another_one_can_be_asked_for(owner):
    archive = _order(owner)
    note_failed(archive.public_id, error="a program's words")

    page = owner.get(URL)
    again = _order(owner)

    assert "It could not be written" in page.text
    assert "a program's words" not in page.text
    assert again.pk != archive.pk


def test_after_its_week_the_file_is_gone_and_the_link_with_it(owner, market):
    archive = _ready(owner, market)
    link = _link(owner.get(URL))

    assert delete_expired(now=clock.now() + timedelta(days=6)) == 0
    assert delete_expired(now=clock.now() + timedelta(days=8)) == 1
    assert delete_expired(now=clock.now() + timedelta(days=8)) == 0

    with tenant_scope(market):
        assert not default_storage.exists(archive.file_name)
    assert owner.get(link).status_code == 404
    assert "Its week is over" in owner.get(URL).text


def test_only_so_many_are_kept_at_a_time(owner, market):
    for _ in range(3):
        _ready(owner, market)

    answer = owner.post(URL, {"is_understood": "on"})

    assert answer.status_code == 409
    assert "There are 3 archives already" in answer.text
    delete_expired(now=clock.now() + timedelta(days=8))
    assert owner.post(URL, {"is_understood": "on"}).status_code == 303


def test_settings_lead_here(owner):
    assert f'href="{URL}"' in owner.get("/manage/settings/").text
