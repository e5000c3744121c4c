"""Letters that follow from what happens to members. May run again: one letter per event."""

from __future__ import annotations

from django.utils import translation
from django.utils.translation import gettext as _

from tenant_apps.members.events import MemberInvited
from tenant_apps.members.selectors import invitation_link
from tenant_apps.members.types import Role
from tenant_apps.notifications.services import send_mail
from tenant_apps.notifications.types import Action, Letter, Template
from tenants.scope import current_tenant
from webui.formats import current_locale, moment_text


def write_invitation(event: MemberInvited) -> None:
    """Send the letter with the link by which somebody joins; nothing when the invitation is closed by now."""
    link = invitation_link(event.invitation_id)
    if link is None:
        return
    tenant = current_tenant()
    with translation.override(tenant.language):
        letter = _invitation(event, link)
    # Sent again, an invitation has a later end: another letter.
    key = f"{event.event_type}:{event.invitation_id}:{event.expires_at:%Y%m%dT%H%M%S}"
    send_mail(key=key, to=event.email, letter=letter, language=tenant.language)


def _invitation(event: MemberInvited, link: str) -> Letter:
    tenant = current_tenant()
    locale = current_locale(tenant.locale)
    words = {"market": tenant.name, "name": event.name, "by": event.invited_by, "role": Role(event.role).label}
    until = moment_text(event.expires_at, tenant.time_zone, "datetime", locale)
    by_whom = (
        _("%(by)s asks you to join %(market)s. Your role there: %(role)s.")
        if event.invited_by
        else _("You are asked to join %(market)s. Your role there: %(role)s.")
    )
    return Letter(
        template=Template.MEMBER_INVITED,
        subject=_("Join %(market)s") % words,
        preheader=by_whom % words,
        status=_("Invitation"),
        heading=_("Hello %(name)s, there is a place for you") % words if event.name else _("There is a place for you"),
        paragraphs=(by_whom % words, _("The link is for you alone. It works until %(until)s.") % {"until": until}),
        button=Action(_("Accept the invitation"), link),
        footnote=_("If you did not expect this, you need not do anything."),
    )
