"""The one table of who reacts to what: event class → handlers (dotted paths), run in a worker inside the event's scope."""

from __future__ import annotations

from kernel.events import Event
from provisioning.events import OrganizationLive
from tenant_apps.members.events import MemberJoined, MemberLeft

SUBSCRIPTIONS: dict[type[Event], tuple[str, ...]] = {
    OrganizationLive: ("provisioning.handlers.publish_first_look",),
    MemberJoined: ("tenant_apps.providers.handlers.create_provider_for_member",),
    MemberLeft: ("tenant_apps.providers.handlers.pause_provider_of_member",),
}
