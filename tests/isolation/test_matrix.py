"""Every address of both hosts, in every method, by everybody, with the other tenant's names: nothing of beta comes through."""

from collections import Counter
from collections.abc import Callable, Generator

import pytest
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.urls import clear_url_caches, path

from config import urls_tenant
from tenant_apps.api.models import ApiKey
from tenant_apps.catalog.models import Service
from tenants.scope import tenant_scope
from tests.isolation.browsers import (
    FEW,
    FOREIGN_KEY,
    OTHER_KIND,
    OWN_KEY,
    REVOKED_KEY,
    THIEF,
    USUAL_ONLY,
    browsers_on_alpha,
    browsers_on_platform,
)
from tests.isolation.matrix import Walker, Watch
from tests.isolation.routes import (
    BARE,
    ENTRIES,
    LIVE,
    PLATFORM,
    TENANT,
    Case,
    Route,
    bare_routes,
    complaints,
    routes_of,
    values_for,
)
from tests.isolation.world import BETA_ONLY, TWIN

pytestmark = pytest.mark.proves("isolation.matrix")

DEAD = "The values of this entry lead nowhere: nothing is tested."


def _watch(world, *owners: str) -> Watch:
    return Watch(owners, world.beta.schema)


@pytest.mark.parametrize("urlconf", ENTRIES)
def test_every_route_has_an_entry_and_every_entry_a_route(urlconf):
    assert complaints(routes_of(urlconf), ENTRIES[urlconf]) == []


@pytest.mark.parametrize("route", routes_of(TENANT), ids=str)
def test_alphas_host_shows_nothing_of_beta(world, count, route):
    browsers, case = browsers_on_alpha(world), ENTRIES[TENANT].get(route.name, Case())
    watch = _watch(world, "beta", "betar", "platform")

    twins = Walker(route, case, values_for(world, TWIN), watch).walk(browsers)
    only = Walker(route, case, values_for(world, BETA_ONLY), watch).walk(browsers, FEW)

    problems = twins.problems + only.problems
    count(attempts=twins.asked + only.asked, failures=len(problems))
    assert problems == []
    assert case.is_closed or twins.reached(even_refused=case.is_refused), (
        "The values of this entry lead nowhere: nothing is tested."
    )


@pytest.mark.parametrize("route", routes_of(PLATFORM), ids=str)
def test_the_platforms_host_shows_nothing_of_a_marketplace(world, count, route):
    browsers, case = browsers_on_platform(world), ENTRIES[PLATFORM].get(route.name, Case())
    values = values_for(world, TWIN)
    operator = {who: browsers.pop(who) for who in ("operator", OWN_KEY)}

    people = Walker(route, case, values, _watch(world, "alpha", "beta", "betar")).walk(browsers)
    # An operator, or a program of one, reads the registry, and still no row of a marketplace.
    theirs = Walker(route, case, values, _watch(world, "alpha", "beta")).walk(operator)

    problems = people.problems + theirs.problems
    count(attempts=people.asked + theirs.asked, failures=len(problems))
    assert problems == []
    is_reached = any(walk.reached(even_refused=case.is_refused) for walk in (people, theirs))
    assert case.is_closed or is_reached, DEAD


@pytest.mark.parametrize("route", [*bare_routes(TENANT), *bare_routes(PLATFORM)], ids=str)
def test_what_is_answered_before_any_address_is_looked_up_shows_nothing_either(world, count, route):
    browsers = browsers_on_alpha(world) if route.urlconf == TENANT else browsers_on_platform(world)

    walk = Walker(route, BARE["/" + route.pattern], values_for(world, TWIN), _watch(world, "beta", "betar")).walk(browsers)

    count(attempts=walk.asked, failures=len(walk.problems))
    assert walk.problems == []


def test_whoever_asks_asks_in_seven_methods_and_seven_ask_in_each(world, seed):
    route = seed(lambda _request: HttpResponse())

    walk = Walker(route, Case(), {}, _watch(world, "beta")).walk(browsers_on_alpha(world))

    asked = Counter(method for method, _who in walk.answers)
    assert len(asked) == 7
    assert min(asked.values()) >= 7
    assert len(set(browsers_on_platform(world)) - set(USUAL_ONLY)) >= 7


# --- the gate and each check, seen red


@pytest.mark.control
@pytest.mark.parametrize("urlconf", [TENANT, LIVE])
def test_a_route_without_an_entry_is_named_with_what_to_do(count, urlconf):
    fake = Route(urlconf, "reviews_new", "reviews/<str:booking_id>/", frozenset({"booking_id"}))

    found = complaints([*routes_of(urlconf), fake], ENTRIES[urlconf])

    count(controls=1, controls_caught=len(found))
    assert len(found) == 1
    assert "add a Case to tests/isolation/routes.py" in found[0]
    assert "booking_id" in found[0]


def test_an_entry_that_is_found_by_a_credential_of_the_twin_must_say_that_nobody_finds_it():
    route = Route(TENANT, "here", "here/<str:token>/", frozenset({"token"}))

    assert len(complaints([route], {"here": Case({"token": "@undo_hours"})})) == 1
    assert complaints([route], {"here": Case({"token": "@undo_hours"}, is_closed=True)}) == []


def test_an_entry_without_a_route_or_with_other_parameters_is_named():
    route = Route(TENANT, "here", "here/<int:number>/", frozenset({"number"}))

    found = complaints([route], {"here": Case({"other": "1"}), "gone": Case()})

    assert len(found) == 2


@pytest.mark.control
def test_a_second_route_of_one_name_is_named_though_the_first_has_an_entry(count):
    twice = [Route(TENANT, "here", pattern, frozenset()) for pattern in ("here/", "here/all/")]

    found = complaints(twice, {"here": Case()})

    count(controls=1, controls_caught=len(found))
    assert len(found) == 1
    assert "2 routes are called 'here'" in found[0]


@pytest.fixture
def seed(monkeypatch) -> Generator[Callable[..., Route]]:
    """Mounts a view on alpha's host beside the real pages."""

    def mount(view: Callable[..., HttpResponse]) -> Route:
        monkeypatch.setattr(urls_tenant, "urlpatterns", [path("seeded/", view, name="seeded"), *urls_tenant.urlpatterns])
        clear_url_caches()
        return Route(TENANT, "seeded", "seeded/", frozenset())

    yield mount
    clear_url_caches()


def _titles_of(tenant) -> str:
    with tenant_scope(tenant):
        return ",".join(Service.objects.values_list("title", flat=True))


def _rename(tenant) -> str:
    with tenant_scope(tenant):
        return str(Service.objects.update(title="mine now"))


LEAKS = {
    "body": lambda world, _request: HttpResponse(_titles_of(world.beta)),
    "streamed body": lambda world, _request: StreamingHttpResponse([_titles_of(world.beta)]),
    "header": lambda world, _request: HttpResponse(headers={"X-Next": _titles_of(world.beta)}),
    "redirect": lambda world, _request: HttpResponse(status=302, headers={"Location": f"/?q={_titles_of(world.beta)}"}),
    "cookie": lambda world, _request: _with_cookie(_titles_of(world.beta)),
    "status line": lambda world, _request: HttpResponse(reason=_titles_of(world.beta)),
    "foreign write": lambda world, _request: HttpResponse(_rename(world.beta)),
    "crash": lambda _world, _request: HttpResponse(1 // 0),
}


def _with_cookie(text: str) -> HttpResponse:
    answer = HttpResponse()
    answer.set_cookie("last", text)
    return answer


SEEN_AS = {"foreign write": "wrote to the other tenant", "crash": "500 integer division"}


@pytest.mark.control
@pytest.mark.parametrize("leak", LEAKS)
def test_a_seeded_leak_is_seen(world, count, seed, leak):
    route = seed(lambda request: LEAKS[leak](world, request))

    walk = Walker(route, Case(), values_for(world, TWIN), _watch(world, "beta")).walk(browsers_on_alpha(world))

    seen = [problem for problem in walk.problems if SEEN_AS.get(leak, "shows canary-beta-") in problem]
    count(controls=1, controls_caught=int(bool(seen)))
    assert seen, walk.problems


LOST = {
    "an id that is nobody's": lambda request: HttpResponse(status=404),
    "the password, asked again": lambda request: HttpResponseRedirect("/accounts/reauthenticate/"),
    "no right to be here": lambda request: HttpResponse(status=403),
    "the next page says no": lambda request: messages.error(request, "There is none.") or HttpResponseRedirect("/manage/"),
}


@pytest.mark.control
@pytest.mark.parametrize("lost", [*LOST, ""])
def test_behind_a_door_only_what_the_owner_finds_counts_as_found(world, count, seed, lost):
    """Negative control: a guest is sent to sign in, whatever the values are, and OPTIONS is answered to everybody."""

    def behind_a_door(request):
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        return LOST.get(lost, lambda _request: HttpResponse())(request)

    route = seed(lambda request: HttpResponse() if request.method == "OPTIONS" else behind_a_door(request))

    walk = Walker(route, Case(), {}, _watch(world, "beta")).walk(browsers_on_alpha(world), ("guest", "owner"))

    count(controls=1, controls_caught=int(walk.reached() != bool(lost)))
    assert walk.reached() != bool(lost)


def test_a_view_that_leaks_nothing_gives_no_alarm(world, count, seed):
    route = seed(lambda _request: HttpResponse(_titles_of(world.alpha)))

    walk = Walker(route, Case(), values_for(world, TWIN), _watch(world, "beta")).walk(browsers_on_alpha(world))

    count(attempts=walk.asked)
    assert walk.problems == []


@pytest.mark.control
def test_a_key_that_a_foreign_host_accepts_is_seen(world, count, monkeypatch):
    """Negative control: with every key taken for one of its own, alpha's API answers beta's."""
    monkeypatch.setattr("tenant_apps.api.services.key_behind", lambda _text: ApiKey.objects.first())
    (route,) = [route for route in routes_of(TENANT) if route.name == "api_bookings"]

    walk = Walker(route, Case(), values_for(world, TWIN), _watch(world, "beta")).walk(browsers_on_alpha(world))

    seen = [who for who in (FOREIGN_KEY, REVOKED_KEY, OTHER_KIND) if any(f"{who} got" in problem for problem in walk.problems)]
    count(controls=3, controls_caught=len(seen))
    assert seen == [FOREIGN_KEY, REVOKED_KEY, OTHER_KIND]


@pytest.mark.control
def test_a_session_that_a_foreign_host_accepts_is_seen(world, count, monkeypatch):
    """Negative control: with the claim in the session unread, beta's copied cookie signs its owner in on alpha."""
    monkeypatch.setattr("tenants.sessions.SessionStore.load", SessionStore.load)
    (route,) = [route for route in routes_of(TENANT) if route.name == "members_team"]

    walk = Walker(route, Case(), values_for(world, TWIN), _watch(world, "beta")).walk(browsers_on_alpha(world))

    count(controls=1, controls_caught=int(bool(walk.problems)))
    assert any(f"{THIEF} got" in problem for problem in walk.problems)
