"""Accepting an invitation: as a new person, or as the one who is signed in."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from kernel.emails import is_same_email
from kernel.errors import DomainError
from shared_apps.accounts.models import User
from shared_apps.accounts.selectors import has_verified_email, landing_path, user_by_email
from shared_apps.accounts.services import sign_in
from tenant_apps.members.errors import InvitationClosed, InvitationUnknown
from tenant_apps.members.forms import JoinForm
from tenant_apps.members.models import Invitation
from tenant_apps.members.rules import names_of
from tenant_apps.members.selectors import invitation_by_token
from tenant_apps.members.services import accept_invitation, accept_invitation_as
from webui.forms import add_domain_error


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def join(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind the link in an invitation."""
    try:
        invitation = invitation_by_token(token)
    except (InvitationUnknown, InvitationClosed) as error:
        return render(request, "members/join_closed.html", {"error": error}, status=error.http_status)
    if request.user.is_authenticated:
        return _join_signed_in(request, token, invitation)
    known = user_by_email(invitation.email)
    if known is not None and has_verified_email(known):
        return _page(request, "sign_in", token, invitation)
    return _join_as_new(request, token, invitation)


def _join_signed_in(request: HttpRequest, token: str, invitation: Invitation) -> HttpResponse:
    user = cast("User", request.user)  # asked by the caller
    if not is_same_email(user.email, invitation.email):
        return _page(request, "other", token, invitation)
    if request.method != "POST":
        return _page(request, "confirm", token, invitation)
    accept_invitation_as(user=user, token=token)
    messages.success(request, _("Welcome! You have joined."))
    return redirect(landing_path(user))


def _join_as_new(request: HttpRequest, token: str, invitation: Invitation) -> HttpResponse:
    first_name, last_name = names_of(invitation.name)
    initial = {"first_name": first_name, "last_name": last_name}
    form = JoinForm(request.POST or None, initial=initial, email=invitation.email)
    if request.method != "POST" or not form.is_valid():
        return _page(request, "new", token, invitation, form)
    try:
        user = accept_invitation(token=token, **form.cleaned_data)
    except DomainError as error:
        add_domain_error(form, error)
        return _page(request, "new", token, invitation, form)
    sign_in(request=request, user=user)
    messages.success(request, _("Welcome! Your account is ready."))
    return redirect(landing_path(user))


def _page(request: HttpRequest, case: str, token: str, invitation: Invitation, form: JoinForm | None = None) -> HttpResponse:
    """`case`: new, sign_in, confirm or other. The link is a secret of its reader: no other site learns it as referrer."""
    context = {"case": case, "token": token, "invitation": invitation, "form": form}
    response = render(request, "members/join.html", context, status=422 if form is not None and form.errors else 200)
    response["Referrer-Policy"] = "same-origin"
    return response
