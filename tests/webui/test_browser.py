"""What the custom elements, htmx and the Trusted Types policy do in a real browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Error, expect

from tests.webui.browser import Visit, running_site
from tests.webui.sinks import SINKS

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("gallery")]


@pytest.fixture(scope="module")
def site():
    with running_site() as address:
        yield address


@pytest.fixture(scope="module")
def context(chromium):
    """One for all: what the pages share is loaded and compiled once."""
    with chromium.new_context(
        viewport={"width": 1280, "height": 900}, timezone_id="Europe/London", reduced_motion="reduce"
    ) as context:
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        yield context


@pytest.fixture
def visit(context, site):
    """A page of somebody who was never here: what the last one left with the browser is gone."""
    context.clear_cookies()
    page = context.new_page()
    page.goto(f"{site}/static/webui/build.json")
    page.evaluate("localStorage.clear(); sessionStorage.clear()")
    yield Visit(page, site)
    context.set_offline(False)
    for page in context.pages:
        page.close()


@pytest.fixture
def visit_without_script(chromium, site):
    context = chromium.new_context(java_script_enabled=False)
    yield Visit(context.new_page(), site)
    context.close()


@pytest.mark.parametrize(
    ("language", "key", "day"),
    [
        ("en", "ArrowRight", "2026-11-14"),
        ("en", "ArrowLeft", "2026-11-12"),
        ("en", "ArrowDown", "2026-11-20"),
        ("en", "ArrowUp", "2026-11-06"),
        ("en", "Home", "2026-11-09"),
        ("en", "End", "2026-11-15"),
        ("ar", "ArrowRight", "2026-11-12"),
        ("ar", "ArrowLeft", "2026-11-14"),
    ],
)
def test_the_keys_of_the_date_grid_move_the_focus(visit, language, key, day):
    page = visit.gallery("booking", lang=language)
    page.focus("[name=day][tabindex='0']")

    page.keyboard.press(key)

    assert visit.focused() == day
    assert page.locator("[name=day][tabindex='0']").count() == 1


@pytest.mark.parametrize(("key", "month"), [("PageDown", "2026-12"), ("Shift+PageDown", "2027-11")])
def test_paging_past_the_month_asks_the_server_for_that_month(visit, key, month):
    page = visit.gallery("booking")
    page.focus("[name=day][tabindex='0']")

    with page.expect_navigation():
        page.keyboard.press(key)

    assert f"month={month}" in page.url


def test_a_day_without_times_is_explained_and_not_sent(visit):
    page = visit.gallery("booking")

    page.click("[name=day][value='2026-11-14']", force=True)

    expect(page.locator("#live")).to_have_text("Saturday, November 14, no times")
    assert "day=" not in page.url


def test_another_time_zone_relabels_and_regroups_the_slots(visit):
    page = visit.gallery("booking")
    morning = page.locator("[data-part=morning] [data-time]")
    assert morning.all_inner_texts()[0].startswith("9:00")

    page.select_option("#tz", "America/Toronto")

    expect(morning).to_have_count(7)
    assert re.match(r"4:00\sAM", morning.all_inner_texts()[0])
    expect(page.locator("[data-part=evening]")).to_be_hidden()
    assert {cookie["name"]: cookie["value"] for cookie in page.context.cookies()}["tz_chosen"] == "America%2FToronto"


def test_the_older_name_that_a_browser_has_for_a_zone_is_not_added_to_the_list(chromium, site):
    with chromium.new_context(timezone_id="Asia/Calcutta") as context:
        page = Visit(context.new_page(), site).gallery("booking")

        page.evaluate("customElements.whenDefined('stoa-timezone').then(() => true)")

        assert page.locator("#tz option", has_text="Kolkata").count() == 1
        assert page.locator("#tz option", has_text="Calcutta").count() == 0


def test_a_chosen_slot_is_repeated_where_the_total_stands_with_both_clocks(visit):
    page = visit.gallery("booking")
    page.select_option("#tz", "Europe/Berlin")

    page.check("input[name=slot][value='2026-11-13T09:00:00Z']")

    expect(page.locator(".tot [data-when]")).to_have_text(re.compile(r"^Friday 13 November|^Friday, November 13"))
    expect(page.locator("[data-there]")).to_be_visible()
    expect(page.locator("[data-when-there]")).to_have_text(re.compile(r"^9:00"))


def test_sending_too_early_leads_to_the_slots_and_says_why(visit):
    page = visit.gallery("booking")

    page.click("text=Continue to details")

    expect(page.locator("[data-missing]")).to_be_visible()
    assert visit.focused() == "2026-11-13T09:00:00Z"


def test_hours_are_added_copied_and_said_in_short(visit):
    page = visit.gallery("admin")
    monday = page.locator("[data-day='0']")
    expect(page.locator("[data-day='5'] [data-closed]")).to_be_visible()

    monday.get_by_label("Add a window").click()
    page.keyboard.type("0600PM")
    monday.locator("input").nth(3).fill("20:00")
    monday.get_by_label("Copy to the other weekdays").click()

    assert page.locator("[data-day='4'] input").evaluate_all(
        "(inputs) => inputs.map((input) => [input.name, input.value])"
    ) == [
        ["hours-4-start", "09:00"],
        ["hours-4-end", "17:00"],
        ["hours-4-start", "18:00"],
        ["hours-4-end", "20:00"],
    ]
    expect(page.locator("[data-summary]")).to_have_text(re.compile(r"^Mon–Fri 9:00\sAM–5:00\sPM \+ 6:00\sPM–8:00\sPM$"))

    page.locator("[data-day='5']").get_by_label("Add a window").click()
    assert page.locator("[data-day='5'] input").first.input_value() == "09:00"


def test_a_slug_follows_the_name_until_somebody_types_one(visit):
    page = visit.gallery("public", wrong="1")
    page.fill("#id_slug", "")

    page.locator("#id_slug").press("a")
    page.locator("#id_slug").press("Backspace")
    page.fill("#id_name", "Café Löwe & Söhne!")
    assert page.input_value("#id_slug") == "cafe-lowe-and-sohne"

    page.locator("#id_slug").press("End")
    page.locator("#id_slug").press_sequentially("x")
    page.fill("#id_name", "Other")
    assert page.input_value("#id_slug") == "cafe-lowe-and-sohnex"


def test_swatch_and_hex_follow_each_other(visit):
    page = visit.gallery("public")

    page.fill("#id_brand", "#123456")
    assert page.input_value(".color-in [type=color]") == "#123456"

    page.fill(".color-in [type=color]", "#abcdef")
    assert page.input_value("#id_brand") == "#abcdef"


def test_copying_puts_the_text_on_the_clipboard_and_says_so(visit):
    page = visit.gallery("public")

    page.click("stoa-copy button")

    expect(page.locator("stoa-copy [data-label]")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == "https://brightnest.example/ines"


def test_a_dialog_wants_the_exact_name(visit):
    page = visit.gallery("public")
    page.click("text=Open the dialog")

    page.fill("#delete-name", "noctes")
    assert page.evaluate("document.querySelector('#delete form').checkValidity()") is False
    page.fill("#delete-name", "noctis")
    assert page.evaluate("document.querySelector('#delete form').checkValidity()") is True

    page.keyboard.press("Escape")
    expect(page.locator("#delete")).to_be_hidden()


def test_a_toast_offers_undo_and_can_be_dismissed(visit):
    page = visit.gallery("public")

    page.evaluate("document.dispatchEvent(new CustomEvent('stoa:toast', {detail: {text: 'Cancelled', undo: '/undo/7/'}}))")

    expect(page.locator(".toast")).to_contain_text("Cancelled")
    assert page.locator(".toast form").get_attribute("action") == "/undo/7/"
    page.click(".toast-close")
    expect(page.locator(".toast")).to_have_count(0)


def test_the_chosen_scheme_is_kept(visit):
    page = visit.gallery("auth", theme="fresh")
    assert page.evaluate("document.documentElement.dataset.scheme") is None

    page = visit.gallery("public", theme="fresh")
    page.click("[data-scheme-toggle]")
    page = visit.gallery("auth", theme="fresh")

    assert page.evaluate("document.documentElement.dataset.scheme") == "dark"
    assert page.evaluate("getComputedStyle(document.body).colorScheme") == "dark"


def test_slash_goes_to_the_search_but_not_while_typing(visit):
    page = visit.gallery("admin")

    page.keyboard.press("/")

    assert visit.page.evaluate("document.activeElement.id") == "q"
    page.keyboard.press("/")
    assert page.input_value("#q") == "/"


def test_on_a_phone_the_menu_opens_over_the_tab_bar_and_closes_with_escape(visit):
    visit.page.set_viewport_size({"width": 390, "height": 800})
    page = visit.gallery("admin")

    page.click(".tabbar summary")

    expect(page.locator(".tabbar .menu-sheet").get_by_text("Settings")).to_be_in_viewport(ratio=1)
    page.keyboard.press("Escape")
    expect(page.locator(".tabbar .menu-sheet")).to_be_hidden()


@pytest.mark.parametrize("language", ["en", "ar"])
def test_on_a_phone_a_row_of_tabs_begins_where_the_pages_own_is_seen(visit, language):
    visit.page.set_viewport_size({"width": 390, "height": 800})

    page = visit.gallery("public", lang=language)

    assert page.evaluate("scrollY") == 0
    page.evaluate("document.querySelector('#many-tabs').scrollIntoView({inline: 'nearest'})")
    expect(page.locator("#many-tabs [aria-current]")).to_be_in_viewport(ratio=0.99)
    expect(page.locator("#many-tabs a").first).not_to_be_in_viewport()


def test_leaving_a_changed_form_is_asked_about(visit):
    page = visit.gallery("public")
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.fill("#id_name", "Changed")

    visit.gallery("auth")

    assert asked == ["beforeunload"]


@pytest.mark.parametrize(
    ("button", "questions"),
    [
        ("Add a window", ["beforeunload"]),
        ("Remove", ["beforeunload"]),
        ("Copy to the other weekdays", ["beforeunload"]),
        ("", []),
    ],
)
def test_a_row_of_hours_that_came_or_went_is_asked_about(visit, button, questions):
    page = visit.gallery("admin")
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    monday = page.locator("[data-day='0']")
    monday.locator("input").first.click()
    if button:
        monday.get_by_label(button).first.click()

    visit.gallery("auth")

    assert asked == questions


def swap(visit: Visit, name: str) -> None:
    page = visit.gallery("public")
    page.evaluate("(name) => htmx.ajax('GET', `/fragment/${name}/`, {target: '#live', swap: 'innerHTML'})", name)


def test_htmx_swaps_plain_markup_under_trusted_types(visit):
    swap(visit, "good")

    expect(visit.page.locator("#swapped")).to_contain_text("javascript: the good parts")


@pytest.mark.parametrize("name", ["script", "json", "inline", "handler", "address", "frame"])
def test_markup_that_could_run_script_is_not_swapped(visit, name):
    swap(visit, name)

    expect(visit.page.locator(".toast")).to_contain_text("That did not work")
    assert visit.page.locator("#swapped").count() == 0
    assert visit.page.evaluate("window.ran") is None


def test_messages_of_a_live_page_are_swapped_in_and_the_named_one_ends_it(visit):
    page = visit.gallery("public")

    page.evaluate(
        """() => {
            const place = document.createElement('section');
            place.setAttribute('hx-sse:connect', '/events/');
            place.setAttribute('hx-sse:close', 'done');
            place.setAttribute('hx-swap', 'beforeend');
            place.addEventListener('htmx:sse:close', ({detail}) => { document.documentElement.dataset.live = detail.reason; });
            document.querySelector('main').append(place);
            htmx.process(place);
        }"""
    )

    expect(page.locator("main > section > #first + #second")).to_have_text("two")
    expect(page.locator("html[data-live=message]")).to_have_count(1)


def test_a_lost_connection_is_told_as_such(visit):
    page = visit.gallery("public")
    page.context.set_offline(True)

    page.evaluate("htmx.ajax('GET', '/fragment/good/', {target: '#live'})")

    expect(page.locator(".toast")).to_contain_text("No connection")


def test_a_whole_document_is_visited_and_not_swapped_into_a_corner(visit):
    page = visit.gallery("public")

    with page.expect_navigation():
        page.evaluate("htmx.ajax('GET', '/fragment/document/', {target: '#live', swap: 'innerHTML'}), 0")

    assert page.url.endswith("/fragment/document/")


def test_a_refusal_becomes_a_toast_and_the_page_stays(visit):
    page = visit.gallery("public")

    page.evaluate("htmx.ajax('GET', '/refuse/conflict/', {target: '#main', swap: 'innerHTML'})")

    expect(page.locator(".toast")).to_contain_text("went")
    expect(page.locator("#main h1")).to_have_text("Components")


@pytest.mark.parametrize("sink", SINKS)
def test_what_could_run_text_as_script_stays_closed(visit, sink):
    page = visit.gallery("public")

    with pytest.raises(Error):
        page.evaluate(SINKS[sink])

    assert page.evaluate("window.ran") is None


def test_without_script_the_days_are_submit_buttons_and_nothing_dead_is_shown(visit_without_script):
    page = visit_without_script.gallery("booking")
    expect(page.locator("[data-scheme-toggle]")).to_be_hidden()

    page.click("[name=day][value='2026-11-16']")

    assert "day=2026-11-16" in page.url
    assert "tz=" in page.url


def test_without_script_hours_have_a_spare_row_for_closed_days(visit_without_script):
    page = visit_without_script.gallery("admin")

    expect(page.locator("[name=hours-5-start]")).to_be_visible()
    expect(page.get_by_label("Add a window").first).to_be_hidden()
