"""Signing up: one form, one organization, a reason beside each field that is wrong, and nothing typed is lost."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from kernel.ids import new_id
from shared_apps.audit.models import AuditEntry
from tenants.models import ReleasedName, ReservedName
from tenants.scope import platform_scope
from tests.site.asking import KEY, answers, key_in, runs


def _text(response) -> str:
    return response.content.decode()


def test_the_form_takes_over_what_was_typed_on_the_front_page(platform_client):
    page = _text(platform_client.get("/start/?name=Lindenhof%20Studio&plan=stall"))

    assert 'value="Lindenhof Studio"' in page
    assert 'value="lindenhof-studio"' in page
    assert 'name="plan" value="stall"' in page
    assert "lindenhof-studio.localhost is free" in page


def test_each_visit_has_a_key_of_its_own(platform_client):
    first, second = (_text(platform_client.get("/start/")) for _ in range(2))

    assert key_in(first) != key_in(second)


def test_a_good_form_holds_the_name_and_leads_to_its_progress(platform_client):
    response = platform_client.post("/start/", answers())

    (run,) = runs()
    assert response.status_code == 303
    assert response["Location"].startswith("/start/run_")
    assert run.request["slug"] == "lindenhof"
    assert run.request["owner_email"] == run.requested_by == "ada@lindenhof.example"
    assert run.request["brand_color"] == "#0f9d8a"
    with platform_scope(reason="test"):
        assert ReservedName.objects.get().holder == run.public_id


def test_founding_is_in_the_audit_trail_once_as_the_act_of_a_visitor(platform_client):
    platform_client.post("/start/", answers())
    platform_client.post("/start/", answers())

    with platform_scope(reason="test"):
        entry = AuditEntry.objects.get()
    assert (entry.action, entry.actor_kind, entry.actor_label) == ("run.created", "guest", "ada@lindenhof.example")
    assert entry.target == "lindenhof"


def test_sending_the_form_twice_starts_one_organization(platform_client):
    first = platform_client.post("/start/", answers())
    second = platform_client.post("/start/", answers())

    assert first["Location"] == second["Location"]
    assert len(runs()) == 1


def test_the_same_form_with_other_answers_is_another_request(platform_client):
    platform_client.post("/start/", answers())
    platform_client.post("/start/", answers(slug="lindenhof-zwei"))

    assert [run.request["slug"] for run in runs()] == ["lindenhof", "lindenhof-zwei"]


def test_two_people_cannot_have_one_name(platform_client):
    platform_client.post("/start/", answers())

    response = Client(headers={"host": "localhost"}).post("/start/", answers(key="another-visit-of-it", email="bob@x.example"))

    assert response.status_code == 409
    assert "This name is taken." in _text(response)
    assert len(runs()) == 1


@pytest.fixture
def names_in_use(platform_client):
    platform_client.post("/start/", answers(slug="modern", key="somebody-elses-visit"))
    with platform_scope(reason="test"):
        ReleasedName.objects.create(name="oldmarket", tenant_id=new_id(), free_at=timezone.now() + timedelta(days=9))


BAD_NAMES = {
    "admin": (409, "kept for the platform"),
    "stoa-cleaners": (409, "kept for the platform"),
    "modern": (409, "This name is taken."),
    "rnodern": (409, "too easy to mistake for “modern”"),
    "oldmarket": (409, "in use not long ago"),
    "ab": (422, "between 3 and 40 characters"),
    "a" * 41: (422, "between 3 and 40 characters"),
    "-corner": (422, "single hyphens"),
    "two--hyphens": (422, "single hyphens"),
    "with space": (422, "single hyphens"),
    "müller": (422, "letters of other alphabets can be mistaken"),
    "xn--mller-kva": (422, "encoded names"),
    "12345": (422, "at least one letter"),
}


@pytest.mark.parametrize("slug", BAD_NAMES)
def test_a_bad_name_gets_its_own_reason_and_nothing_typed_is_lost(platform_client, names_in_use, slug):
    status, words = BAD_NAMES[slug]
    before = len(runs())

    response = platform_client.post("/start/", answers(slug=slug))

    page = _text(response)
    assert response.status_code == status
    assert words in page
    assert 'aria-invalid="true"' in page
    assert f'value="{slug}"' in page
    assert 'value="ada@lindenhof.example"' in page
    assert 'value="home_services"' in page
    assert 'value="#0f9d8a"' in page
    assert f'name="key" value="{KEY}"' in page
    assert len(runs()) == before


@pytest.mark.parametrize("slug", BAD_NAMES)
def test_the_check_while_typing_says_the_same(platform_client, names_in_use, slug):
    response = platform_client.get("/start/name/", {"slug": slug}, headers={"HX-Request": "true"})

    assert response.status_code == 200
    assert BAD_NAMES[slug][1] in _text(response)


def test_a_refused_name_comes_with_free_ones(platform_client, names_in_use):
    page = _text(platform_client.get("/start/name/", {"slug": "modern"}))

    assert 'name="pick" value="modern-market"' in page
    assert 'value="modern"' not in page


def test_a_free_name_is_said_to_be_free(platform_client):
    assert "lindenhof.localhost is free" in _text(platform_client.get("/start/name/", {"slug": " Lindenhof "}))


def test_nothing_typed_is_nothing_said(platform_client):
    assert "slug-answer" not in _text(platform_client.get("/start/name/", {"slug": ""}))


def test_a_suggestion_can_be_picked_with_script(platform_client):
    page = _text(platform_client.get("/start/name/", {"pick": "modern-market"}))

    assert 'id="id_slug"' in page
    assert 'value="modern-market"' in page


def test_a_suggestion_can_be_picked_without_script(platform_client):
    page = _text(platform_client.post("/start/", answers(slug="admin", pick="admin-market")))

    assert 'value="admin-market"' in page
    assert 'value="ada@lindenhof.example"' in page
    assert runs() == []


BAD_ANSWERS = {
    "email": ("no mail", "Enter a valid email address."),
    "name": ("", "This field is required."),
    "kind": ("casino", "Select a valid choice"),
    "brand": ("teal", "Write a colour like #0f9d8a."),
}


@pytest.mark.parametrize("field", BAD_ANSWERS)
def test_a_bad_answer_is_blamed_on_its_field(platform_client, field):
    value, words = BAD_ANSWERS[field]

    response = platform_client.post("/start/", answers(**{field: value}))

    assert response.status_code == 422
    assert words in _text(response)
    assert 'value="lindenhof"' in _text(response)
    assert runs() == []


def test_a_bad_name_is_said_beside_the_other_mistakes(platform_client, names_in_use):
    answer = platform_client.post("/start/", answers(slug="admin", email="not-an-email"))

    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"slug", "email"}
    assert answer.context["suggestions"]


def test_a_form_without_its_key_is_not_taken(platform_client):
    response = platform_client.post("/start/", answers(key=""))

    assert response.status_code == 422
    assert "Send it once more." in _text(response)
    assert runs() == []


def test_a_plan_that_is_not_on_offer_becomes_the_usual_one(platform_client):
    platform_client.post("/start/", answers(plan="palace"))

    assert runs()[0].request["plan_code"] == "studio"


def test_a_form_from_another_site_is_refused():
    client = Client(headers={"host": "localhost"}, enforce_csrf_checks=True)

    assert client.post("/start/", answers()).status_code == 403
    assert runs() == []


def test_the_colour_is_explained_in_words(platform_client):
    pale = _text(platform_client.get("/start/colour/", {"brand": "#ffd60a", "name": "Lindenhof"}))

    assert "Buttons use your exact colour, with dark text" in pale
    assert "#ffd60a" in pale
    assert "Lindenhof" in pale


@pytest.mark.parametrize("brand", ["", "teal", "#12", "url(x)", "<script>"])
def test_what_is_no_colour_is_explained_too(platform_client, brand):
    page = _text(platform_client.get("/start/colour/", {"brand": brand}))

    assert "Write a colour like #0f9d8a" in page
    assert "<script" not in page


def test_too_many_from_one_network_are_asked_to_wait(platform_client, settings):
    settings.SIGN_UPS_PER_HOUR = 1
    platform_client.post("/start/", answers())

    response = platform_client.post("/start/", answers(slug="another"))

    assert response.status_code == 429
    assert "Please wait a little" in _text(response)
    assert 'value="another"' in _text(response)
    assert len(runs()) == 1


def test_sending_the_form_again_is_no_further_start(platform_client, settings):
    settings.SIGN_UPS_PER_HOUR = 1

    assert {platform_client.post("/start/", answers())["Location"] for _ in range(3)} == {
        platform_client.post("/start/", answers())["Location"]
    }


def test_a_marketplace_offers_no_sign_up(alpha_client):
    assert alpha_client.get("/start/").status_code == 404


def test_where_one_lives_tells_the_currency(platform_client):
    answer = platform_client.get("/start/place/", {"time_zone": "Asia/Calcutta"}).content.decode()

    assert '<option value="INR" selected>' in answer


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "UTC"])
def test_a_place_that_tells_nothing_leaves_the_currency_to_the_kind_of_market(platform_client, zone):
    answer = platform_client.get("/start/place/", {"time_zone": zone}).content.decode()

    assert '<option value="" selected>' in answer


def test_prices_and_clock_are_those_of_the_place(platform_client):
    platform_client.post("/start/", answers(time_zone="America/Toronto", currency="CAD"))

    (run,) = runs()
    asked = run.request
    assert (asked["time_zone"], asked["currency"], asked["locale"]) == ("America/Toronto", "CAD", "en-CA")


@pytest.mark.parametrize(("field", "value"), [("time_zone", "Mars/Olympus"), ("currency", "DEM"), ("currency", "XYZ")])
def test_a_place_that_is_none_is_refused_beside_its_field(platform_client, field, value):
    answer = platform_client.post("/start/", answers(**{field: value}))

    assert answer.status_code == 422
    assert field in answer.context["form"].errors
