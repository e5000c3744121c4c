"""The platform's side of the walk: the marketplaces one owns, and the door to each."""

from __future__ import annotations

from typing import cast

from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from shared_apps.accounts.models import User
from shared_apps.entry.selectors import closing_of, marketplaces_of, paused_of
from shared_apps.entry.services import EntryTicket, founded_in, founder_of, issue_entry_code, issue_founders_code
from webui.htmx import add_toast


@login_required
@never_cache
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The signed-in person's marketplaces."""
    user = cast("User", request.user)  # login_required
    marketplaces = [tenant.as_context() for tenant in marketplaces_of(user)]
    closed = [ownership.tenant for ownership in closing_of(user)]
    context = {"marketplaces": marketplaces, "paused": paused_of(user), "closed": closed}
    return render(request, "entry/home.html", context)


@never_cache
@require_safe
def walk(request: HttpRequest, slug: str) -> HttpResponse:
    """Send the owner on to their marketplace with a code. The marketplace sent them here with its browser's challenge.

    A GET, as every sign-in between two hosts is: a form may not be answered with a redirect to another host (CSP).
    """
    ticket = _ticket(request, slug)
    if ticket is None:
        _tell_founder(request, slug)
        # Not back to here: the sign-in form's answer may not lead on to another host (CSP), but a link on that page may.
        return redirect_to_login(reverse("entry_home"))
    response = HttpResponseRedirect(ticket.url)
    response["Referrer-Policy"] = "no-referrer"
    return response


def _ticket(request: HttpRequest, slug: str) -> EntryTicket | None:
    """For the founder whose browser this is, or whoever is signed in."""
    challenge = request.GET.get("challenge", "")
    founder = founder_of(request.session, slug=slug)
    if founder is not None:
        return issue_founders_code(user=founder, slug=slug, browser_challenge=challenge)
    if not request.user.is_authenticated:
        return None
    return issue_entry_code(user=request.user, slug=slug, browser_challenge=challenge)


def _tell_founder(request: HttpRequest, slug: str) -> None:
    """Who founded the marketplace in this browser, with an address that is proved, must sign in: say that it was made."""
    name = founded_in(request.session, slug=slug)
    if name:
        add_toast(request, _("%(name)s stands. Sign in to enter it.") % {"name": name})
    elif not request.user.is_authenticated:
        # Without the name: who is not signed in does not learn from here which addresses are somebody's.
        add_toast(request, _("Owners come in through Stoa: sign in here, then open your marketplace or its sandbox."))
