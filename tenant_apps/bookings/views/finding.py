"""The way back to a booking whose link is lost, has ended or was replaced: by the address under which it was made."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from kernel.emails import InvalidEmail
from kernel.errors import DomainError, Invalid, Throttled
from tenant_apps.bookings.errors import NoSuchBooking
from tenant_apps.bookings.forms import FindForm
from tenant_apps.bookings.services import ask_for_links
from tenant_apps.bookings.views.asking import refused, user_of, visitor_of
from tenants.scope import current_tenant
from webui.forms import add_domain_error
from webui.htmx import redirect_to

ASKED: Final = "asked"
RENEWED: Final = "renewed"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def find(request: HttpRequest) -> HttpResponse:
    """GET asks for an address, POST has the links sent there: the same answer whether anything was booked under it or not."""
    if request.method != "POST":
        return _sent(request) if request.GET.get("sent") in {ASKED, RENEWED} else _page(request, _empty_form(request))
    form = FindForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=Invalid.http_status)
    language = get_language() or current_tenant().language
    try:
        ask_for_links(email=form.cleaned_data["email"], visitor=visitor_of(request), language=language)
    except InvalidEmail as error:
        add_domain_error(form, error)
        return _page(request, form, status=error.http_status)
    except Throttled as error:
        add_domain_error(form, error)
        return refused(_page(request, form, status=error.http_status), error)
    return redirect_to(request, path_after(ASKED))


def path_after(what: str) -> str:
    """The page that says where to look now."""
    return f"{reverse('booking_find')}?sent={what}"


def instead_of_booking(request: HttpRequest, refusal: NoSuchBooking) -> HttpResponse:
    """What a link shows that leads to no booking, or not any more: why, and how to come by one that does."""
    return _page(request, _empty_form(request), status=HTTPStatus.NOT_FOUND, refusal=refusal)


def _empty_form(request: HttpRequest) -> FindForm:
    user = user_of(request)
    return FindForm(initial={"email": user.email} if user else {})


def _sent(request: HttpRequest) -> HttpResponse:
    if request.GET["sent"] == RENEWED:
        told = _("The old link has ended. The new one is on its way to the address under which the booking was made.")
    else:
        told = _("If anything was booked under this address, the links to it are on their way. Otherwise we write that, too.")
    return render(request, "bookings/find_sent.html", {"told": told})


def _page(request: HttpRequest, form: FindForm, *, status: int = 200, refusal: DomainError | None = None) -> HttpResponse:
    context = {"form": form, "refusal": refusal.message if refusal else ""}
    response = render(request, "bookings/find.html", context, status=status)
    response.headers["X-Robots-Tag"] = "noindex"
    return response
