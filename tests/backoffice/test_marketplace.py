"""What managers and owners do: invite, keep categories, present the organization."""

from __future__ import annotations

from dataclasses import replace

import pytest

from config.subscriptions import SUBSCRIPTIONS
from kernel.actor import Actor
from tenant_apps.backoffice.events import LookChanged
from tenant_apps.backoffice.handlers import draw_brand_kit
from tenant_apps.backoffice.services import current_theme, save_settings
from tenant_apps.catalog.models import Category
from tenant_apps.members.models import Invitation
from tenants.hosts import context_for, host_cache
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope
from tests.backoffice.market import CATEGORY, EMPTY_CATEGORY, INVITATION
from tests.factories.events import published
from themes import publishing

CATEGORIES = "/manage/categories/"
SETTINGS = {
    "name": "Brightnest",
    "headline": "A home that sparkles",
    "tagline": "Cleaners you keep",
    "brand": "#FFB84C",
    "time_zone": "Europe/London",
    "locale": "en-GB",
    "currency": "GBP",
}


def _names(market) -> list[str]:
    with tenant_scope(market):
        return list(Category.objects.order_by("position", "pk").values_list("name", flat=True))


def test_a_provider_is_invited(as_, market):
    page = as_("manager").post("/manage/providers/invite/", {"name": "Ann", "email": "Ann@Twin.example"}, follow=True)

    assert "ann@twin.example" in page.content.decode()
    with tenant_scope(market):
        assert Invitation.objects.get(email="ann@twin.example").role == "provider"


@pytest.mark.parametrize(
    ("email", "sentence", "status"),
    [
        ("", "required", 422),
        ("ann(at)example", "valid email", 422),
        ("bea@twin.example", "waiting already", 422),
        ("other@twin.example", "here already", 422),
    ],
)
def test_an_address_that_cannot_be_invited_is_refused_beside_its_field(as_, email, sentence, status):
    answer = as_("owner").post("/manage/providers/invite/", {"name": "Typed with care", "email": email})

    assert answer.status_code == status
    assert sentence in " ".join(answer.context["form"].errors["email"])
    assert "Typed with care" in answer.content.decode()


def test_an_invitation_is_withdrawn(as_, market):
    as_("owner").post(f"/manage/providers/invitations/{INVITATION}/revoke/")

    with tenant_scope(market):
        assert Invitation.objects.get().revoked_at is not None
    assert "bea@twin.example" not in as_("owner").get("/manage/providers/").content.decode()


def test_withdrawing_an_invitation_can_be_undone(as_, market):
    client, path = as_("manager"), f"/manage/providers/invitations/{INVITATION}"

    withdrawn = client.post(f"{path}/revoke/", follow=True).content.decode()
    client.post(f"{path}/restore/")

    assert f'action="{path}/restore/"' in withdrawn
    with tenant_scope(market):
        assert Invitation.objects.get().revoked_at is None
    assert "bea@twin.example" in client.get("/manage/providers/").content.decode()


def test_a_category_is_made_renamed_and_moved(as_, market):
    client = as_("manager")

    client.post(CATEGORIES, {"name": "Ironing", "description": "", "icon": "shirt"})
    client.post(f"{CATEGORIES}{CATEGORY}/", {"name": "Deep cleaning", "description": "Top to bottom.", "icon": ""})
    client.post(f"{CATEGORIES}{CATEGORY}/move/down/")

    assert _names(market) == ["Windows", "Deep cleaning", "Ironing"]


@pytest.mark.parametrize("path", ["", f"{CATEGORY}/"])
@pytest.mark.parametrize(
    ("field", "value", "sentence", "status"),
    [
        ("name", "", "required", 422),
        ("name", "windows", "of this name already", 422),
        ("name", "x" * 81, "at most 80", 422),
        ("description", "x" * 301, "at most 300", 422),
        ("icon", "skull", "Select a valid choice", 422),
    ],
)
def test_a_category_that_cannot_be_is_refused_beside_its_field(as_, market, *, path, field, value, sentence, status):
    typed = {"name": "Ironing", "description": "Typed with care.", "icon": "", field: value}

    answer = as_("owner").post(f"{CATEGORIES}{path}", typed)

    assert answer.status_code == status
    assert sentence in " ".join(answer.context["form"].errors[field])
    if field != "description":
        assert "Typed with care." in answer.content.decode()
    assert _names(market) == ["Deep clean", "Windows"]


@pytest.mark.parametrize("path", ["", f"{CATEGORY}/"])
def test_everything_that_is_wrong_with_a_category_is_told_at_once(as_, path):
    answer = as_("owner").post(f"{CATEGORIES}{path}", {"name": "windows", "description": "x" * 301, "icon": "skull"})

    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"name", "description", "icon"}


def test_everything_that_is_wrong_with_an_invitation_is_told_at_once(as_):
    answer = as_("owner").post("/manage/providers/invite/", {"name": "", "email": "bea@twin.example"})

    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"name", "email"}


def test_an_empty_category_goes_once_its_name_is_typed(as_, market):
    client = as_("manager")

    wrong = client.post(f"{CATEGORIES}{EMPTY_CATEGORY}/delete/", {"confirm_name": "windows"})
    assert "This is not its name" in wrong.context["form"].errors["confirm_name"][0]
    assert _names(market) == ["Deep clean", "Windows"]
    right = client.post(f"{CATEGORIES}{EMPTY_CATEGORY}/delete/", {"confirm_name": "Windows"})

    assert (wrong.status_code, right.status_code) == (422, 303)
    assert _names(market) == ["Deep clean"]


def test_a_category_with_services_stays_and_says_why(as_, market):
    answer = as_("manager").post(f"{CATEGORIES}{CATEGORY}/delete/", {"confirm_name": "Deep clean"})

    assert answer.status_code == 409
    assert "Move the services in “Deep clean” elsewhere first." in answer.content.decode()
    assert _names(market) == ["Deep clean", "Windows"]


def test_settings_reach_the_registry_of_this_marketplace_only(as_, market, beta):
    answer = as_("owner").post("/manage/settings/", SETTINGS)

    saved, twin = context_for(market.id), context_for(beta.id)
    assert answer.status_code == 303
    assert (saved.name, saved.content["headline"], saved.content["tagline"]) == (
        "Brightnest",
        "A home that sparkles",
        "Cleaners you keep",
    )
    assert saved.theme_tokens["brand"] == "#ffb84c"
    assert (twin.name, dict(twin.content), dict(twin.theme_tokens)) == (beta.name, dict(beta.content), dict(beta.theme_tokens))


def test_the_contact_is_set_and_taken_back(as_, market):
    as_("owner").post("/manage/settings/", SETTINGS | {"contact_email": " Hello@Brightnest.example "})
    chosen = context_for(market.id).content["contact_email"]
    shown = as_("owner").get("/manage/settings/").content.decode()
    as_("owner").post("/manage/settings/", SETTINGS | {"contact_email": ""})

    assert chosen == "hello@brightnest.example"
    assert 'type="email"' in shown
    assert context_for(market.id).content["contact_email"] == ""


def test_settings_leave_alone_what_the_form_does_not_show(as_, market):
    with platform_scope(reason="test"):
        Tenant.objects.filter(pk=market.id).update(content={"footer": "Since 1999"}, theme_tokens={"radius": 4})

    as_("owner").post("/manage/settings/", SETTINGS)

    saved = context_for(market.id)
    assert (saved.content["footer"], saved.theme_tokens["radius"]) == ("Since 1999", 4)


def test_the_published_stylesheet_is_the_one_that_pages_name(as_, market, django_capture_on_commit_callbacks):
    client = as_("owner")
    client.get("/manage/settings/")

    # What waits for the commit is that every process forgets the old look.
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/manage/settings/", SETTINGS)

    saved = context_for(market.id)
    assert f"theme-{saved.theme_hash}.css" in client.get("/manage/settings/").content.decode()
    assert client.get(f"/theme-{saved.theme_hash}.css").status_code == 200


def test_saving_draws_no_pictures_in_the_request_and_says_that_they_follow(as_, market, monkeypatch, settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path)
    monkeypatch.setitem(SUBSCRIPTIONS, LookChanged, ("tests.factories.events.ignore",))
    with monkeypatch.context() as asleep:
        asleep.setattr(publishing, "build_brand_kit", None)
        as_("owner").post("/manage/settings/", SETTINGS)
        page = as_("owner").get("/manage/settings/").content.decode()

    assert "are being drawn" in page
    (event,) = published(LookChanged)
    assert event.tenant_id == market.id
    with tenant_scope(context_for(market.id)):
        draw_brand_kit(event)
    host_cache.forget(market.primary_host)
    assert "are being drawn" not in as_("owner").get("/manage/settings/").content.decode()


def test_a_look_that_is_taken_back_is_drawn_again_though_the_process_still_knows_its_pictures(market, monkeypatch):
    """The kit of another colour was noted meanwhile; the scope goes on naming the one of before, as for some seconds."""
    monkeypatch.setitem(SUBSCRIPTIONS, LookChanged, ("tests.factories.events.ignore",))
    nothing_else = dict.fromkeys(("name", "headline", "tagline", "contact_email", "currency", "time_zone", "locale"))
    with tenant_scope(market):
        blue = current_theme().tokens.brand
    drawn = replace(market, theme_tokens={**market.theme_tokens, "brand": blue})
    before = replace(drawn, brand_kit=publishing.kit_key(drawn))
    with platform_scope(reason="test"):
        Tenant.objects.filter(pk=market.id).update(theme_tokens={"brand": "#c2410c"}, brand_kit="orange")

    with tenant_scope(before):
        save_settings(actor=Actor.system("test"), brand=blue, **nothing_else)

    assert context_for(market.id).theme_tokens["brand"] == blue
    assert [event.tenant_id for event in published(LookChanged)] == [market.id]


def test_a_look_whose_pictures_are_there_is_not_drawn_again(market, monkeypatch):
    monkeypatch.setitem(SUBSCRIPTIONS, LookChanged, ("tests.factories.events.ignore",))
    nothing = dict.fromkeys(("name", "headline", "tagline", "currency", "time_zone", "locale", "brand"))
    with platform_scope(reason="test"):
        Tenant.objects.filter(pk=market.id).update(brand_kit=publishing.kit_key(market))

    with tenant_scope(market):
        save_settings(actor=Actor.system("test"), contact_email="hello@twin.example", **nothing)

    assert published(LookChanged) == []


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("name", "", "required"),
        ("name", "x" * 81, "at most 80"),
        ("brand", "teal", "Write a colour"),
        ("headline", "x" * 121, "at most 120"),
        ("contact_email", "hello@", "valid email"),
    ],
)
def test_settings_that_cannot_be_are_refused_beside_their_field(as_, market, field, value, sentence):
    answer = as_("owner").post("/manage/settings/", SETTINGS | {"tagline": "Typed with care.", field: value})

    assert answer.status_code == 422
    assert sentence in " ".join(answer.context["form"].errors[field])
    assert "Typed with care." in answer.content.decode()
    assert context_for(market.id).name == market.name


def test_the_colour_is_explained(as_):
    page = as_("owner").get("/manage/settings/").content.decode()

    assert "Logo and artwork keep your exact colour." in page


@pytest.mark.parametrize("path", ["/manage/providers/", "/manage/bookings/", "/services/"])
def test_a_zero_byte_in_a_search_is_looked_over(as_, path):
    assert as_("owner").get(f"{path}?q=an%00n").status_code == 200
