"""Sign-up: the form, its two helpers while one types, and the first look at what comes of it."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from kernel import clock
from kernel.errors import DomainError, Invalid, Throttled
from kernel.ids import format_public_id, parse_public_id
from kernel.money import Money
from kernel.places import usual_currency
from provisioning.forms.signup import SignUpForm, new_form_key
from provisioning.models import Run
from provisioning.selectors import find_run
from provisioning.services import RUN_PREFIX
from provisioning.signup import answer_color, is_watching, request_organization, requested_before, watch
from shared_apps.plans.selectors import offers, paid_in
from shared_apps.plans.types import Interval, Offer
from shared_apps.site.selectors import wished_currencies
from tenants.errors import SlugRefused
from tenants.rates import Rate, address_of, count
from tenants.registry import check_slug, suggest_slug
from themes.engine.color import Hex, normalize_hex
from webui.htmx import redirect_to

FIRST_COLOR = "#7a1f4f"
_UNPROCESSABLE = 422
_KEPT = ("email", "name", "kind", "brand", "time_zone", "currency", "plan", "key")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """The form. Sent, it leads to the page where the marketplace can be watched being built."""
    plans = offers()
    codes = tuple(offer.plan.code for offer in plans)
    if request.method != "POST":
        return _page(request, SignUpForm(initial=_initial(request), plan_codes=codes), plans)
    if "pick" in request.POST:
        # Without script a suggested name is a button of the form; nothing else in it is lost.
        return _page(request, SignUpForm(initial=_with_pick(request.POST), plan_codes=codes), plans)
    form = SignUpForm(request.POST, plan_codes=codes)
    if not form.is_valid():
        return _page(request, form, plans, status=_UNPROCESSABLE, suggestions=_blame_slug(form))
    try:
        run = _founded(request, form)
    except SlugRefused as refusal:
        form.blame(refusal)
        return _page(request, form, plans, status=refusal.http_status, suggestions=refusal.suggestions)
    except DomainError as error:
        form.blame(error)
        return _page(request, form, plans, status=error.http_status)
    return redirect_to(request, reverse("signup_progress", args=[format_public_id(RUN_PREFIX, run.public_id)]))


@never_cache
@require_safe
def name_answer(request: HttpRequest) -> HttpResponse:
    """Whether an address can be had, and if not, why, with free ones near it. With `pick`, the field with that one in it."""
    pick = request.GET.get("pick", "")
    slug = pick or request.GET.get("slug", "").strip()
    context: dict[str, object] = {"slug": slug, "domain": settings.PLATFORM_DOMAIN}
    if slug:
        try:
            context["free"] = check_slug(slug)
        except SlugRefused as refusal:
            context |= {"reason": refusal.message, "suggestions": refusal.suggestions}
    if pick:
        context["form"] = SignUpForm(initial={"slug": pick})
    return render(request, f"provisioning/signup/{'name_field' if pick else 'name_answer'}.html", context)


@never_cache
@require_safe
def color_answer(request: HttpRequest) -> HttpResponse:
    """What becomes of a colour: a small shop window painted with it, and the reasons in words."""
    context = _sketch(request.GET.get("brand", ""), request.GET.get("name", ""))
    return render(request, "provisioning/signup/color_answer.html", context)


@never_cache
@require_safe
def place_answer(request: HttpRequest) -> HttpResponse:
    """The field of the currency, set to what people pay with in the country of `time_zone`."""
    currency = usual_currency(request.GET.get("time_zone", ""), on=clock.now().date()) or ""
    return render(request, "provisioning/signup/currency_field.html", {"form": SignUpForm(initial={"currency": currency})})


def _blame_slug(form: SignUpForm) -> tuple[str, ...]:
    """Say what is wrong with the address beside the other mistakes, not after them; free ones near it."""
    if "slug" not in form.errors:
        try:
            check_slug(form.cleaned_data["slug"])
        except SlugRefused as refusal:
            form.blame(refusal)
            return refusal.suggestions
    return ()


def _founded(request: HttpRequest, form: SignUpForm) -> Run:
    wish, key = form.as_request(), form.cleaned_data["key"]
    run = requested_before(request=wish, form_key=key)
    if run is None:
        _count_start(request)
        run = request_organization(request=wish, form_key=key)
    watch(request.session, run.public_id)
    return run


def _count_start(request: HttpRequest) -> None:
    try:
        count(Rate("organization", settings.SIGN_UPS_PER_HOUR, 3600), address_of(request))
    except Throttled as refusal:
        raise Throttled(
            _("Many marketplaces were started from your network. Please wait a little and try again."),
            retry_after_seconds=refusal.retry_after_seconds,
        ) from None


def _page(
    request: HttpRequest, form: SignUpForm, plans: list[Offer], *, status: int = 200, suggestions: tuple[str, ...] = ()
) -> HttpResponse:
    wanted = form.plan_or_usual(str(form["plan"].value() or ""))
    offer = next((one for one in plans if one.plan.code == wanted), None)
    context = {
        "form": form,
        "free": "" if form.is_bound else str(form["slug"].value() or ""),
        "domain": settings.PLATFORM_DOMAIN,
        "offer": offer,
        "price": _price(request, offer) if offer else None,
        "suggestions": suggestions,
        **_sketch(str(form["brand"].value() or ""), str(form["name"].value() or "")),
    }
    return render(request, "provisioning/signup/start.html", context, status=status)


def _price(request: HttpRequest, offer: Offer) -> Money | None:
    """What a month costs afterwards, in the currency that the front page would show."""
    today = clock.now().date()
    languages = request.headers.get("Accept-Language", "")
    wished = wished_currencies(currency=request.GET.get("currency", ""), languages=languages, today=today)
    known = next((name for name in wished if name in offer.contents.currencies), "")
    currency = paid_in(offer.contents, known)
    return offer.contents.price(currency, Interval.MONTH) if currency else None


def _initial(request: HttpRequest) -> dict[str, str]:
    """What the way here tells already: a name typed on the front page, a plan chosen there, or a run that failed."""
    name = request.GET.get("name", "").strip()[:80]
    return {
        "name": name,
        "slug": suggest_slug(name) if name else "",
        "plan": request.GET.get("plan", "")[:32],
        "brand": FIRST_COLOR,
        "key": new_form_key(),
        **_earlier(request),
    }


def _earlier(request: HttpRequest) -> dict[str, str]:
    """The answers given for the run `?again=`, if it was started in this browser. The name it holds is not offered again."""
    run = watched_run(request, request.GET.get("again", ""))
    if run is None:
        return {}
    asked = run.request
    return {
        "email": asked["owner_email"],
        "name": asked["name"],
        "slug": suggest_slug(asked["name"]),
        "kind": asked["blueprint"],
        "plan": asked["plan_code"],
        "brand": asked["brand_color"],
        "time_zone": asked.get("time_zone", ""),
        "currency": asked.get("currency", ""),
    }


def watched_run(request: HttpRequest, text: str) -> Run | None:
    """The run with that outside id, if this browser started it; otherwise there is none, as far as anybody can tell."""
    run_id = parse_run_id(text)
    return find_run(run_id) if run_id is not None and is_watching(request.session, run_id) else None


def parse_run_id(text: str) -> UUID | None:
    """The run that an address names, or None when it is no id of a run."""
    try:
        return parse_public_id(RUN_PREFIX, text)
    except Invalid:
        return None


def _with_pick(posted: QueryDict) -> dict[str, str]:
    return {name: str(posted.get(name, "")) for name in _KEPT} | {"slug": str(posted.get("pick", ""))}


def _sketch(brand: str, name: str) -> dict[str, object]:
    color = _color(brand)
    return {"color": answer_color(color) if color else None, "sketch_name": name.strip()[:24]}


def _color(text: str) -> Hex | None:
    stripped = text.strip()
    try:
        return normalize_hex(stripped if stripped.startswith("#") else f"#{stripped}")
    except ValueError:
        return None
