"""Pages of this app, on each marketplace's host."""

from __future__ import annotations

from django.urls import URLPattern, path

from tenant_apps.members.views.enter import enter
from tenant_apps.members.views.join import join
from tenant_apps.members.views.team import invite, member, resend, restore, revoke, team

urlpatterns: list[URLPattern] = [
    path("join/<str:token>/", join, name="members_join"),
    path("enter/", enter, name="members_enter"),
    path("manage/team/", team, name="members_team"),
    path("manage/team/invite/", invite, name="members_invite"),
    path("manage/team/invitations/<str:invitation_id>/resend/", resend, name="members_invitation_resend"),
    path("manage/team/invitations/<str:invitation_id>/revoke/", revoke, name="members_invitation_revoke"),
    path("manage/team/invitations/<str:invitation_id>/restore/", restore, name="members_invitation_restore"),
    path("manage/team/<str:member_id>/", member, name="members_member"),
]
