"""The team page: who is here, who is invited, in which roles."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kernel import clock
from kernel.errors import DomainError, Invalid, NotFound
from kernel.ids import format_public_id, parse_public_id
from tenant_apps.members.forms import InviteForm, RolesForm
from tenant_apps.members.middleware import actor_of
from tenant_apps.members.rules import TO_GRANT
from tenant_apps.members.selectors import member_for, open_invitations_for, staff_for
from tenant_apps.members.services import change_roles, invite_member, resend_invitation, restore_invitation, revoke_invitation
from tenant_apps.members.types import Role
from webui.forms import add_domain_error
from webui.htmx import add_toast


@login_required
@never_cache
@require_safe
def team(request: HttpRequest) -> HttpResponse:
    """Everybody with a role, and the invitations that wait."""
    return _team_page(request, _invite_form(request))


@login_required
@require_POST
def invite(request: HttpRequest) -> HttpResponse:
    """Invite somebody."""
    form = _invite_form(request)
    if not form.is_valid():
        return _team_page(request, form, status=422)
    try:
        invitation = invite_member(
            actor=actor_of(request),
            email=form.cleaned_data["email"],
            name=form.cleaned_data["name"],
            role=Role(form.cleaned_data["role"]),
        )
    except DomainError as error:
        add_domain_error(form, error)
        return _team_page(request, form, status=error.http_status)
    add_toast(request, _("An invitation is on its way to %(email)s.") % {"email": invitation.email})
    return redirect("members_team")


@login_required
@require_POST
def resend(request: HttpRequest, invitation_id: str) -> HttpResponse:
    """Send the mail again."""
    resend_invitation(actor=actor_of(request), invitation_id=_uuid("inv", invitation_id))
    add_toast(request, _("The invitation is on its way again."))
    return redirect("members_team")


@login_required
@require_POST
def revoke(request: HttpRequest, invitation_id: str) -> HttpResponse:
    """Withdraw an invitation."""
    revoke_invitation(actor=actor_of(request), invitation_id=_uuid("inv", invitation_id))
    undo_url = reverse("members_invitation_restore", args=[invitation_id])
    add_toast(request, _("The invitation is withdrawn: its link opens nothing."), undo_url=undo_url)
    return redirect("members_team")


@login_required
@require_POST
def restore(request: HttpRequest, invitation_id: str) -> HttpResponse:
    """Undo: the withdrawn invitation stands after all."""
    restore_invitation(actor=actor_of(request), invitation_id=_uuid("inv", invitation_id))
    add_toast(request, _("The invitation stands again, with the link that was sent."))
    return redirect("members_team")


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def member(request: HttpRequest, member_id: str) -> HttpResponse:
    """One person's roles."""
    actor = actor_of(request)
    actor.require("members.manage")
    person = member_for(actor, public_id=_uuid("usr", member_id))
    form = RolesForm(request.POST or None, initial={"roles": [role.value for role in person.roles]})
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            change_roles(actor=actor, member_id=person.public_id, roles=[Role(role) for role in form.cleaned_data["roles"]])
        except DomainError as error:
            add_domain_error(form, error)
            status = error.http_status
        else:
            add_toast(request, _("The roles are changed."))
            return redirect("members_team")
    return render(request, "members/member.html", {"person": person, "member_id": member_id, "form": form}, status=status)


def _invite_form(request: HttpRequest) -> InviteForm:
    actor = actor_of(request)
    roles = [role for role in (Role.PROVIDER, Role.MANAGER, Role.OWNER) if actor.can(TO_GRANT[role])]
    return InviteForm(request.POST or None, roles=roles)


def _team_page(request: HttpRequest, form: InviteForm, *, status: int = 200) -> HttpResponse:
    actor = actor_of(request)
    now = clock.now()
    context = {
        "form": form,
        "may_invite": actor.can("providers.invite"),
        "may_manage": actor.can("members.manage"),
        "staff": [(format_public_id("usr", person.public_id), person) for person in staff_for(actor)],
        "invitations": [
            (format_public_id("inv", invitation.public_id), invitation, invitation.expires_at <= now)
            for invitation in open_invitations_for(actor)
        ],
    }
    return render(request, "members/team.html", context, status=status)


def _uuid(prefix: str, text: str) -> UUID:
    """The id in a URL; a malformed one is simply not there."""
    try:
        return parse_public_id(prefix, text)
    except Invalid:
        raise NotFound(_("There is nothing at this address.")) from None
