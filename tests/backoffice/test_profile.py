"""A provider's profile and share page: bad input stays in the form, with a sentence beside the field."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from tenant_apps.providers.models import Provider
from tenants.hosts import host_cache
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope
from tests.backoffice.market import PROVIDER

URL = f"/manage/providers/{PROVIDER}/profile/"
GOOD = {
    "display_name": "Ines Duarte",
    "slug": "ines",
    "headline": "Deep cleans, gently",
    "bio": "I clean the way my grandmother did.",
    "location": "Leith",
    "tags": "Eco, Pets welcome, eco",
    "time_zone": "Europe/Lisbon",
}


def _profile(market) -> Provider:
    with tenant_scope(market):
        return Provider.objects.get(pk=9_100_000)


def _files(settings) -> set[str]:
    return {path.name for path in Path(settings.MEDIA_ROOT).rglob("*.webp")}


def _picture(size=(600, 400)) -> SimpleUploadedFile:
    out = io.BytesIO()
    Image.new("RGB", size, "teal").save(out, "PNG")
    return SimpleUploadedFile("me.png", out.getvalue(), content_type="image/png")


def test_a_profile_is_saved(as_, market):
    answer = as_("provider").post(URL, GOOD)

    assert answer["Location"] == URL
    saved = _profile(market)
    assert (saved.slug, saved.tags, saved.time_zone) == ("ines", ["Eco", "Pets welcome"], "Europe/Lisbon")


@pytest.mark.parametrize(
    ("field", "value", "sentence", "status"),
    [
        ("display_name", "", "required", 422),
        ("slug", "Ines & Co", "Use small letters", 422),
        ("slug", "tomasz-nowak", "address", 422),
        ("headline", "", "Visitors need this", 422),
        ("headline", "x" * 121, "at most 120", 422),
        ("bio", "x" * 4001, "at most 4000", 422),
        ("tags", ",".join(f"tag{n}" for n in range(9)), "At most 8 tags", 422),
        ("time_zone", "Atlantis/Capital", "Select a valid choice", 422),
        ("display_name", "Ines\0", "Null characters", 422),
    ],
)
def test_bad_input_is_refused_beside_its_field_and_kept(as_, market, *, field, value, sentence, status):
    answer = as_("provider").post(URL, GOOD | {"bio": "Typed with care.", field: value})

    assert answer.status_code == status
    assert sentence in " ".join(answer.context["form"].errors[field])
    if field != "bio":
        assert "Typed with care." in answer.content.decode()
    assert _profile(market).headline == "Deep cleans"


def test_a_picture_is_taken_and_removed(as_, market):
    client = as_("provider")

    client.post(URL, GOOD | {"logo": _picture(), "header_image": _picture((1600, 600))})
    stored = _profile(market)
    shown = client.get(URL).content.decode()
    client.post(URL, GOOD | {"logo-clear": "on"})

    assert stored.logo
    assert stored.header_image
    assert stored.logo in shown
    assert _profile(market).logo == ""
    assert _profile(market).header_image == stored.header_image


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"hello", "no picture that we can read"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "SVG drawings are not taken"),
        (b"\xff" * (6 * 1024 * 1024 + 10), "larger than 5 MB"),
    ],
)
def test_what_is_no_picture_is_refused_beside_its_field(as_, market, content, sentence):
    upload = SimpleUploadedFile("me.png", content, content_type="image/png")

    answer = as_("provider").post(URL, GOOD | {"header_image": upload})

    assert answer.status_code == 422
    assert sentence in answer.context["form"].errors["header_image"][0]
    assert "I clean the way my grandmother did." in answer.content.decode()
    assert _profile(market).header_image == ""


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"header_image": SimpleUploadedFile("me.png", b"hello", content_type="image/png")}, "header_image"),
        ({"slug": "tomasz-nowak"}, "slug"),
    ],
)
def test_a_refusal_leaves_pictures_words_and_files_as_they_were(as_, market, settings, changes, field):
    client = as_("provider")
    client.post(URL, GOOD | {"logo": _picture()})
    before, files = _profile(market), _files(settings)

    answer = client.post(URL, GOOD | {"headline": "Another one", "logo": _picture((900, 900))} | changes)

    assert field in answer.context["form"].errors
    assert before.logo in answer.content.decode()
    after = _profile(market)
    assert (after.logo, after.header_image, after.headline) == (before.logo, before.header_image, before.headline)
    assert _files(settings) == files


def test_a_picture_that_the_plan_has_no_room_for_is_refused_beside_its_field_and_loses_nothing_typed(as_, market, settings):
    with platform_scope(reason="test"):
        Tenant.objects.filter(pk=market.id).update(entitlements={"storage_megabytes": 0})
    host_cache.clear()
    files = _files(settings)

    answer = as_("provider").post(URL, GOOD | {"bio": "Typed with care.", "logo": _picture()})

    assert answer.status_code == 402
    assert "your plan stores 0 MB" in answer.context["form"].errors["logo"][0]
    assert "Typed with care." in answer.content.decode()
    assert (_profile(market).logo, _files(settings)) == ("", files)


def _draft(market, **fields: str) -> None:
    with tenant_scope(market):
        Provider.objects.filter(pk=9_100_000).update(status="draft", **fields)


def test_publishing_saves_what_is_typed(as_, market):
    _draft(market, headline="")

    answer = as_("provider").post(URL, GOOD | {"then": "publish"})

    saved = _profile(market)
    assert answer.status_code == 303
    assert (saved.status, saved.headline, saved.bio) == ("live", GOOD["headline"], GOOD["bio"])


def test_saving_publishes_nothing(as_, market):
    _draft(market)

    as_("provider").post(URL, GOOD)

    assert (_profile(market).status, _profile(market).headline) == ("draft", GOOD["headline"])


def test_publishing_a_form_that_is_wrong_tells_everything_beside_the_fields_and_loses_nothing(as_, market):
    _draft(market)
    wrong = {"display_name": "", "headline": "", "slug": "tomasz-nowak", "tags": ",".join(f"tag{n}" for n in range(9))}
    picture = {"logo": SimpleUploadedFile("me.png", b"hello", content_type="image/png")}

    answer = as_("provider").post(URL, GOOD | wrong | picture | {"then": "publish"})

    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"display_name", "headline", "slug", "tags", "logo"}
    assert GOOD["bio"] in answer.content.decode()
    assert (_profile(market).status, _profile(market).headline, _profile(market).bio) == ("draft", "Deep cleans", "")


def test_what_the_plan_has_no_room_for_is_saved_and_not_published(as_, market):
    _draft(market, headline="")
    with platform_scope(reason="test"):
        Tenant.objects.filter(pk=market.id).update(entitlements={"max_providers": 1, "storage_megabytes": None})
    host_cache.clear()

    answer = as_("provider").post(URL, GOOD | {"then": "publish"})

    page = answer.content.decode()
    assert answer.status_code == 402
    assert "saved, but not published" in page
    assert GOOD["bio"] in page
    assert "Needed to publish" not in page
    assert (_profile(market).status, _profile(market).headline) == ("draft", GOOD["headline"])


def test_enter_saves_and_only_the_button_publishes(as_, market):
    """A browser sends a form by the first of its buttons, wherever that stands."""
    _draft(market)

    page = as_("provider").get(URL).content.decode()

    buttons = re.findall(r'<button[^>]*form="edit"[^>]*>', page)
    assert "then" not in buttons[0]
    assert 'name="then" value="publish"' in buttons[1]
    assert 'id="edit"' in page


def test_a_page_is_paused_and_published_again_by_undo(as_, market):
    client = as_("provider")

    paused = client.post(f"{URL}pause/", follow=True)
    assert _profile(market).status == "paused"
    client.post(f"{URL}publish/")

    assert f'action="{URL}publish/"' in paused.content.decode()
    assert _profile(market).status == "live"


def test_publishing_without_a_headline_says_so_beside_it(as_, market):
    with tenant_scope(market):
        Provider.objects.filter(pk=9_100_000).update(status="draft", headline="")

    answer = as_("provider").post(f"{URL}publish/")

    assert answer.status_code == 422
    assert "Visitors need this" in answer.context["form"].errors["headline"][0]
    assert 'id="id_headline_error"' in answer.content.decode()
    assert _profile(market).status == "draft"


def test_the_share_page_has_link_and_code(as_, market):
    page = as_("provider").get(f"/manage/providers/{PROVIDER}/share/").content.decode()

    assert f'value="{market.base_url}/providers/ines-duarte/"' in page
    assert f'src="/manage/providers/{PROVIDER}/share/code.svg"' in page


@pytest.mark.parametrize(
    ("ending", "media_type", "magic"), [("svg", "image/svg+xml", b"<?xml"), ("png", "image/png", b"\x89PNG")]
)
def test_the_code_is_shown_and_saved(as_, ending, media_type, magic):
    url = f"/manage/providers/{PROVIDER}/share/code.{ending}"

    shown, saved = as_("provider").get(url), as_("provider").get(f"{url}?save")

    assert shown["Content-Type"] == media_type
    assert shown.content.startswith(magic)
    assert "Content-Disposition" not in shown
    assert saved["Content-Disposition"] == f'attachment; filename="ines-duarte.{ending}"'


def test_what_publishing_needs_is_labelled_so_and_named_beside_the_button(as_, market):
    with tenant_scope(market):
        Provider.objects.update(status="draft")
    complete = as_("provider").get(URL).content.decode()
    with tenant_scope(market):
        Provider.objects.update(headline="")
    lacking = as_("provider").get(URL).content.decode()

    assert 'Headline <span class="optional">(needed to publish)</span>' in lacking
    assert "Needed to publish:" not in complete
    assert '<a class="link" href="#id_headline">Headline</a>' in lacking
    assert 'id="id_headline"' in lacking
