"""Everybody who offers something here, and who is invited to."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from kernel import clock
from kernel.ids import format_public_id
from tenant_apps.availability.selectors import get_provider_ids_with_hours
from tenant_apps.backoffice.forms.marketplace import InviteProviderForm
from tenant_apps.backoffice.types import Desk
from tenant_apps.backoffice.views.gate import act, id_in, page, refusal
from tenant_apps.catalog.selectors import lowest_prices
from tenant_apps.members.selectors import open_invitations_for
from tenant_apps.members.services import invite_member, resend_invitation, restore_invitation, revoke_invitation
from tenant_apps.members.types import Role
from tenant_apps.providers.selectors import providers_for_staff
from webui.htmx import add_toast, redirect_to
from webui.searching import search_in

_INVITATION = "inv"


@page("providers.view_all")
def listing(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The providers in every state, and open invitations."""
    return _page(request, desk, InviteProviderForm())


@act("providers.invite")
def invite(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Invite somebody by mail."""
    form = InviteProviderForm(request.POST)
    if not form.is_valid():
        return _page(request, desk, form, status=422)
    refused = refusal(form, lambda: invite_member(actor=desk.actor, role=Role.PROVIDER, **form.cleaned_data))
    if refused is not None:
        return _page(request, desk, form, status=refused)
    add_toast(request, _("An invitation is on its way to %(email)s.") % {"email": form.cleaned_data["email"]})
    return _back(request)


@act("providers.invite")
def resend(request: HttpRequest, desk: Desk, invitation_id: str) -> HttpResponse:
    """Send the letter again; its two weeks start anew."""
    resend_invitation(actor=desk.actor, invitation_id=id_in(_INVITATION, invitation_id))
    add_toast(request, _("The invitation is on its way again."))
    return _back(request)


@act("providers.invite")
def revoke(request: HttpRequest, desk: Desk, invitation_id: str) -> HttpResponse:
    """Withdraw it: its links stop working."""
    revoke_invitation(actor=desk.actor, invitation_id=id_in(_INVITATION, invitation_id))
    undo_url = reverse("backoffice:invitation_restore", args=[invitation_id])
    add_toast(request, _("The invitation is withdrawn: its link opens nothing."), undo_url=undo_url)
    return _back(request)


@act("providers.invite")
def restore(request: HttpRequest, desk: Desk, invitation_id: str) -> HttpResponse:
    """Undo: the withdrawn invitation stands after all."""
    restore_invitation(actor=desk.actor, invitation_id=id_in(_INVITATION, invitation_id))
    add_toast(request, _("The invitation stands again, with the link that was sent."))
    return _back(request)


def _page(request: HttpRequest, desk: Desk, form: InviteProviderForm, *, status: int = 200) -> HttpResponse:
    search = search_in(request)
    cursor = request.GET.get("after") or request.GET.get("before")
    found = providers_for_staff(actor=desk.actor, search=search, cursor=cursor)
    with_hours = get_provider_ids_with_hours()
    selling = lowest_prices([card.pk for card in found.rows])
    now = clock.now()
    context = {
        "desk": desk,
        "form": form,
        "search": search,
        "page": found,
        "rows": [(card, card.pk in with_hours, card.pk in selling) for card in found.rows],
        "invitations": [
            (format_public_id(_INVITATION, letter.public_id), letter, letter.expires_at <= now)
            for letter in open_invitations_for(desk.actor)
            if letter.role == Role.PROVIDER
        ],
    }
    return render(request, "backoffice/providers.html", context, status=status)


def _back(request: HttpRequest) -> HttpResponse:
    return redirect_to(request, reverse("backoffice:providers"))
