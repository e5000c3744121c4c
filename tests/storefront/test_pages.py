"""The marketplace's pages as visitors open them."""

import re

import pytest

from tenant_apps.availability.models import WeeklyWindow
from tenant_apps.catalog.types import ServiceStatus
from tenant_apps.providers.types import ProviderStatus
from tenants.hosts import host_cache
from tenants.registry import update_tenant
from tenants.scope import tenant_scope
from tests.factories.market import make_category, make_provider, make_service

PAGES = ["/", "/services/", "/providers/", "/about/", "/privacy/", "/terms/"]


@pytest.fixture
def market(alpha):
    with tenant_scope(alpha):
        deep = make_category("Deep clean", slug="deep")
        ines = make_provider("Ines Duarte", slug="ines-duarte", bio="Eleven years of <b>kitchens</b>.", tags=["Eco products"])
        make_service(ines, "Two-bedroom flat", slug="flat", category=deep, description="All of it.", included=["Oven and hob"])
        make_service(ines, "Secret project", slug="secret", category=deep, status=ServiceStatus.DRAFT)


@pytest.mark.parametrize("path", PAGES)
def test_every_page_stands_in_an_empty_marketplace_and_says_what_is_missing(alpha_client, path):
    answer = alpha_client.get(path)

    assert answer.status_code == 200
    assert 'class="empty"' in answer.text


@pytest.mark.usefixtures("market")
@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/", ["Deep clean", "Ines Duarte", "£96"]),
        ("/services/", ["Two-bedroom flat", "Ines Duarte", "£96"]),
        ("/services/?q=bedrom", ["Two-bedroom flat"]),
        ("/services/?category=deep&sort=price&instant=1&where=leith", ["Two-bedroom flat"]),
        ("/services/flat/", ["Two-bedroom flat", "All of it.", "Oven and hob", "£96"]),
        ("/providers/", ["Ines Duarte", "from", "£96"]),
        ("/providers/?q=leith", ["Ines Duarte"]),
        ("/providers/ines-duarte/", ["Ines Duarte", "Two-bedroom flat", "Eco products"]),
        ("/categories/deep/", ["Deep clean", "Two-bedroom flat"]),
    ],
)
def test_pages_show_what_is_for_sale(alpha_client, path, words):
    answer = alpha_client.get(path)

    assert answer.status_code == 200
    for word in words:
        assert word in answer.text
    assert "Secret project" not in answer.text


@pytest.mark.usefixtures("market")
@pytest.mark.parametrize(
    "path", ["/services/?q=zebra", "/services/?category=nowhere", "/providers/?q=zebra", "/services/?when=today"]
)
def test_a_search_without_a_result_offers_a_way_out(alpha_client, path):
    answer = alpha_client.get(path)

    assert answer.status_code == 200
    assert 'class="empty"' in answer.text
    assert re.search(r'class="btn btn-primary" href="/(services|providers)/"', answer.text)


@pytest.mark.usefixtures("market")
@pytest.mark.parametrize(
    "path",
    [
        "/services/secret/",
        "/services/none/",
        "/providers/none/",
        "/categories/none/",
        "/p/prv_nonsense/",
        "/p/svc_01k9x4zq3v0000000000000000/",
        "/imprint/",
        "/theme-000000000000.css",
        "/media/images/../../etc/passwd",
        "/media/x.webp",
    ],
)
def test_what_is_not_there_is_a_page_in_the_marketplaces_own_look(alpha_client, path):
    answer = alpha_client.get(path)

    assert answer.status_code == 404
    assert "Twin Market" in answer.text


@pytest.mark.usefixtures("market")
def test_a_cursor_that_means_nothing_is_refused_in_a_page(alpha_client):
    answer = alpha_client.get("/services/?after=xyz")

    assert answer.status_code == 422


@pytest.mark.usefixtures("market")
@pytest.mark.parametrize(
    "path", ["/services/", "/services/flat/", "/providers/", "/providers/ines-duarte/", "/categories/deep/"]
)
def test_each_page_says_what_it_is_to_those_who_share_it(alpha_client, alpha, path):
    update_tenant(tenant_id=alpha.id, brand_kit="0123456789ab")

    text = alpha_client.get(path).text

    assert re.search(r"<title>.+ \| Twin Market</title>", text)
    assert f'<link rel="canonical" href="{alpha.base_url}{path}">' in text
    assert f'<meta property="og:url" content="{alpha.base_url}{path}">' in text
    assert re.search(rf'<meta property="og:image"\s+content="{alpha.base_url}/brand/[0-9a-f]+/og.png">', text)
    assert re.search(r'<meta name="description" content="[^"]+">', text)


@pytest.mark.usefixtures("market")
def test_what_people_write_is_text_and_not_markup(alpha_client):
    text = alpha_client.get("/providers/ines-duarte/").text

    assert "&lt;b&gt;kitchens&lt;/b&gt;" in text
    assert "<b>kitchens</b>" not in text


@pytest.mark.usefixtures("market")
@pytest.mark.parametrize("path", ["/", "/services/", "/services/flat/", "/providers/ines-duarte/"])
def test_no_page_carries_inline_code_or_style(alpha_client, path):
    text = alpha_client.get(path).text

    assert not re.search(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)", text)
    assert not re.search(r"\sstyle=|<style|\son\w+=", text)


def test_a_short_link_leads_to_the_page_wherever_it_is_now(alpha, alpha_client):
    with tenant_scope(alpha):
        provider = make_provider(slug="before")
        from tenant_apps.providers.selectors import card_of

        link = card_of(provider).short_path
        provider.slug = "after"
        provider.save()

    answer = alpha_client.get(link)

    assert (answer.status_code, answer.headers["Location"]) == (302, "/providers/after/")


def test_a_paused_provider_is_found_by_address_and_cannot_be_booked(alpha, alpha_client):
    with tenant_scope(alpha):
        make_provider(slug="ines", status=ProviderStatus.PAUSED)

    assert "Takes no bookings at the moment" in alpha_client.get("/providers/ines/").text
    assert "/providers/ines/" not in alpha_client.get("/providers/").text


def test_a_service_page_carries_the_picker_and_a_paused_providers_does_not(alpha, alpha_client):
    with tenant_scope(alpha):
        open_one = make_provider()
        WeeklyWindow.objects.bulk_create(
            WeeklyWindow(provider=open_one, weekday=day, starts_minute=540, ends_minute=1020) for day in range(7)
        )
        make_service(open_one, slug="open")
        make_service(make_provider(status=ProviderStatus.PAUSED), slug="paused")

    bookable, paused = alpha_client.get("/services/open/").text, alpha_client.get("/services/paused/").text

    assert bookable.count('name="slot"') > 3
    assert 'action="/services/open/book/hold/"' in bookable
    assert 'name="slot"' not in paused
    assert "cannot be booked at the moment" in paused


def test_long_lists_are_paged_and_the_pages_follow_each_other(alpha, alpha_client):
    with tenant_scope(alpha):
        provider, category = make_provider(), make_category()
        for number in range(26):
            make_service(provider, f"Service {number:02}", category=category)

    first = alpha_client.get("/services/").text
    following = re.search(r'rel="next" href="([^"]+)"', first)[1].replace("&amp;", "&")
    second = alpha_client.get(f"/services/{following}").text

    assert first.count('class="card card-link prov"') == 24
    assert second.count('class="card card-link prov"') == 2
    assert 'rel="prev"' in second


def test_htmx_gets_the_results_only(alpha, alpha_client):
    with tenant_scope(alpha):
        make_service(title="Two-bedroom flat")

    answer = alpha_client.get("/services/", headers={"HX-Request": "true"})

    assert "Two-bedroom flat" in answer.text
    assert "<html" not in answer.text


@pytest.mark.usefixtures("market")
def test_the_twins_visitors_see_nothing_of_it(beta_client):
    for path in ("/", "/services/", "/providers/"):
        assert "Ines Duarte" not in beta_client.get(path).text
    assert beta_client.get("/services/flat/").status_code == 404


@pytest.mark.parametrize("path", PAGES)
def test_pages_are_for_looking_only(alpha_client, path):
    assert alpha_client.post(path).status_code == 405


@pytest.mark.parametrize(
    ("headline", "shown"),
    [
        ("Senior minds, on your calendar", "<em>on your calendar</em>"),
        ("Other words", "Other words"),
        ("", "<em>on your calendar</em>"),
    ],
)
def test_the_large_words_are_those_of_the_settings_however_the_section_sets_them(alpha, alpha_client, headline, shown):
    hero = {"title": "Senior minds,", "emphasis": "on your calendar", "lede": "A sentence below."}
    update_tenant(tenant_id=alpha.id, content={"headline": headline, "section_settings": {"hero": hero}})

    page = alpha_client.get("/").text

    heading = page.split("<h1", 1)[1].split("</h1>", 1)[0]
    assert shown in heading
    assert ("Senior minds," in heading) == ("<em>" in heading)
    assert "A sentence below." in page


@pytest.mark.parametrize("package", ["fresh", "campus", "noir"])
def test_the_sentence_below_is_that_of_the_settings_once_there_is_one(alpha, alpha_client, package):
    words = {"section_settings": {"hero": {"lede": "The section speaks."}}}
    update_tenant(tenant_id=alpha.id, theme_package=package, content=words)
    before = alpha_client.get("/").text

    update_tenant(tenant_id=alpha.id, content={**words, "tagline": "What the owner says."})
    host_cache.clear()
    after = alpha_client.get("/").text

    assert '<p class="lede">The section speaks.</p>' in before
    assert '<p class="lede">What the owner says.</p>' in after
    assert "The section speaks." not in after
