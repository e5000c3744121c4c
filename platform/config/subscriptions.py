"""The one table of who reacts to what: event class → handlers (dotted paths), run in a worker inside the event's scope."""

from __future__ import annotations

from typing import Final

from kernel.events import Event
from provisioning.events import OrganizationLive, RunFailed
from shared_apps.accounts.events import AccountMailRequested, CustomerVerified, PersonProved
from shared_apps.archives.events import ArchiveOrdered
from shared_apps.billing.events import GraceReminded, InvoicePaid, PaymentFailed, SubscriptionMoved, TermsChanged, TrialReminded
from shared_apps.closing.events import OrganizationClosed, OrganizationReopened
from shared_apps.console.events import OrganizationResumed, OrganizationSuspended
from shared_apps.domains.events import DomainChanged
from shared_apps.metering.events import QuotaReached
from tenant_apps.backoffice.events import LookChanged
from tenant_apps.bookings import events as bookings
from tenant_apps.catalog.events import ServicePublished
from tenant_apps.members.events import MemberInvited, MemberJoined, MemberLeft, OwnerProved, OwnershipProved
from tenant_apps.providers.events import PicturesStored

_TELL_EVERYBODY: Final = tuple(
    f"tenant_apps.bookings.handlers.{name}" for name in ("write_to_customer", "write_to_provider", "tell_open_pages")
)
_METER: Final = "tenant_apps.backoffice.handlers.count_booking"
_FIND_ACCOUNT: Final = "tenant_apps.bookings.handlers.claim_new_booking"

SUBSCRIPTIONS: dict[type[Event], tuple[str, ...]] = {
    OrganizationLive: (
        "provisioning.handlers.publish_first_look",
        "provisioning.handlers.write_to_owner",
        "tenant_apps.backoffice.handlers.begin_counting",
    ),
    RunFailed: ("provisioning.handlers.tell_operators", "provisioning.handlers.tell_who_ordered"),
    ArchiveOrdered: ("provisioning.handlers.write_ordered_archive",),
    OrganizationClosed: (
        "provisioning.erasing.telling.write_to_owners_of_closed",
        "provisioning.erasing.telling.begin_telling_of_closing",
        "shared_apps.billing.handlers.follow_organization",
    ),
    OrganizationReopened: (
        "provisioning.erasing.telling.begin_telling_of_reopening",
        "shared_apps.billing.handlers.follow_organization",
    ),
    GraceReminded: ("provisioning.billing_letters.write_to_owners_in_grace",),
    OrganizationSuspended: ("provisioning.suspending.write_to_owners_of_suspended",),
    OrganizationResumed: ("provisioning.suspending.write_to_owners_of_resumed",),
    TrialReminded: ("provisioning.billing_news.write_of_trial",),
    TermsChanged: ("provisioning.billing_news.write_of_terms",),
    InvoicePaid: ("provisioning.billing_receipts.write_of_payment",),
    PaymentFailed: ("provisioning.billing_receipts.write_of_failure",),
    SubscriptionMoved: ("provisioning.billing_letters.write_to_owners_of_moved",),
    LookChanged: ("tenant_apps.backoffice.handlers.draw_brand_kit",),
    MemberJoined: ("tenant_apps.providers.handlers.create_provider_for_member",),
    MemberLeft: ("tenant_apps.providers.handlers.pause_provider_of_member",),
    OwnershipProved: ("tenant_apps.members.handlers.sign_owner_out",),
    OwnerProved: (
        "tenant_apps.api.handlers.end_founders_keys",
        "tenant_apps.members.handlers.withdraw_founders_invitations",
    ),
    MemberInvited: ("tenant_apps.notifications.handlers.write_invitation",),
    PicturesStored: ("tenant_apps.backoffice.handlers.weigh_storage",),
    ServicePublished: ("tenant_apps.backoffice.handlers.count_provider",),
    QuotaReached: ("tenant_apps.backoffice.handlers.write_about_quota",),
    DomainChanged: ("tenant_apps.backoffice.handlers.write_about_domain",),
    AccountMailRequested: ("shared_apps.accounts.handlers.write_account_mail",),
    PersonProved: ("tenant_apps.members.handlers.end_founders_sessions",),
    CustomerVerified: ("tenant_apps.bookings.handlers.claim_bookings",),
    bookings.BookingRequested: (*_TELL_EVERYBODY, _FIND_ACCOUNT, _METER),
    bookings.BookingConfirmed: (*_TELL_EVERYBODY, _FIND_ACCOUNT, _METER),
    bookings.BookingDeclined: (*_TELL_EVERYBODY, _METER),
    bookings.BookingCancelled: (*_TELL_EVERYBODY, _METER),
    bookings.BookingMoved: _TELL_EVERYBODY,
    bookings.BookingLapsed: (*_TELL_EVERYBODY, _METER),
    bookings.LinkRenewed: ("tenant_apps.bookings.handlers.write_new_link",),
    bookings.LinksAsked: ("tenant_apps.bookings.handlers.write_links",),
    bookings.MonthUsedUp: ("tenant_apps.bookings.handlers.write_to_owners",),
}
