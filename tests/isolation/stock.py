"""What stands in one marketplace of the world: one row of everything, made in the current scope."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from uuid import UUID

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.core.cache import cache as django_cache
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from kernel.idempotency.models import IdempotencyRecord
from kernel.ids import format_public_id
from shared_apps.accounts.models import User
from tenant_apps.availability.models import Blackout, DateException, WeeklyWindow
from tenant_apps.availability.types import ExceptionKind
from tenant_apps.bookings.models import Booking
from tenant_apps.bookings.types import OCCUPYING, BookingStatus
from tenant_apps.catalog.models import Category, Service
from tenant_apps.catalog.types import ServiceStatus
from tenant_apps.members.models import Invitation, Membership
from tenant_apps.members.types import Role
from tenant_apps.providers.models import Provider
from tenant_apps.providers.types import ProviderStatus, file_name
from tests.isolation.marks import Marks

PASSWORD = "a long and equal password"
OLD_THEME = "0123456789ab"
# The registry's owners of both are owners in both: an address alone must not open the other's door.
_OWNERS = {"owner": Role.OWNER, "owner-alpha": Role.OWNER, "owner-beta": Role.OWNER}
_ROLES = _OWNERS | {"manager": Role.MANAGER, "provider": Role.PROVIDER, "other": Role.PROVIDER, "member": None}


@cache
def _hashed() -> str:
    return make_password(PASSWORD)


@dataclass(frozen=True)
class Names:
    """The names of one set of things; `suffix` sets it apart from the twins' set."""

    suffix: str

    def slug(self, word: str) -> str:
        return f"{word}-{self.suffix}" if self.suffix else word

    def email(self, who: str) -> str:
        return f"{self.slug(who)}@world.example"

    def uuid(self, kind: str) -> UUID:
        """The public id of the thing: the same in both twins."""
        return UUID(f"01900000-0000-7000-8000-{hashlib.sha256(self.slug(kind).encode()).hexdigest()[:12]}")

    def public(self, prefix: str, kind: str) -> str:
        return format_public_id(prefix, self.uuid(kind))

    @property
    def picture(self) -> str:
        """The key of a picture (providers.types)."""
        return self.uuid("picture").hex


class Filler:
    """Fills the current scope. The order is always the same, so that twins get the same keys."""

    def __init__(self, mark: Marks, names: Names, now: datetime, *, first_number: int = 0) -> None:
        for _ in range(first_number):
            mark("")
        self.mark, self.names, self.now = mark, names, now

    def fill(self) -> None:
        """One of everything."""
        people = {who: self.person(who, role) for who, role in _ROLES.items()}
        providers = [self.provider(who, people[who], position) for position, who in enumerate(("provider", "other"))]
        category = self.category()
        service = self.service("clean", providers[0], category)
        self.service("windows", providers[1], category)
        self.hours(providers[0])
        self.bookings(service, people["member"])
        self.invitation(people["owner"])
        self.idempotency()
        self.files(providers[0])
        django_cache.set("world:greeting", self.mark("cached"))

    def person(self, who: str, role: Role | None = None) -> User:
        user = User(
            public_id=self.names.uuid(f"u{who}"),
            email=self.names.email(who),
            password=_hashed(),
            first_name="Ada",
            last_name=self.mark("Byron"),
            created_at=self.now,
        )
        user.save(force_insert=True)
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
        if role is not None:
            Membership.objects.create(user=user, role=role, created_at=self.now)
        return user

    def provider(self, who: str, user: User, position: int) -> Provider:
        return Provider.objects.create(
            public_id=self.names.uuid(f"p{who}"),
            user=user,
            slug=self.names.slug(who),
            display_name=self.mark("Ines Duarte"),
            headline=self.mark("Deep cleans"),
            bio=self.mark("Eleven years of kitchens."),
            location=self.mark("Leith"),
            tags=[self.mark("Eco")],
            time_zone="Europe/London",
            status=ProviderStatus.LIVE,
            logo=self.names.picture if who == "provider" else "",
            position=position,
            created_at=self.now,
        )

    def category(self) -> Category:
        return Category.objects.create(
            public_id=self.names.uuid("cat"),
            slug=self.names.slug("deep"),
            name=self.mark("Deep clean"),
            description=self.mark("All of it"),
            icon="sparkles",
        )

    def service(self, word: str, provider: Provider, category: Category) -> Service:
        return Service.objects.create(
            public_id=self.names.uuid(word),
            provider=provider,
            category=category,
            slug=self.names.slug(word),
            title=self.mark("Two-bedroom flat"),
            summary=self.mark("Resets your flat"),
            description=self.mark("Every corner."),
            included=[self.mark("Oven and hob")],
            place=self.mark("At yours"),
            price_minor=9600,
            currency="GBP",
            duration_minutes=60,
            status=ServiceStatus.LIVE,
            created_at=self.now,
        )

    def hours(self, provider: Provider) -> None:
        WeeklyWindow.objects.bulk_create(
            WeeklyWindow(provider=provider, weekday=day, starts_minute=540, ends_minute=1020) for day in range(7)
        )
        DateException.objects.create(
            public_id=self.names.uuid("exc"),
            provider=provider,
            on_date=(self.now + timedelta(days=20)).date(),
            kind=ExceptionKind.CLOSED,
            note=self.mark("Away"),
            created_at=self.now,
        )
        start = self.now + timedelta(days=30)
        Blackout.objects.create(
            public_id=self.names.uuid("blk"),
            starts_at=start,
            ends_at=start + timedelta(hours=9),
            note=self.mark("Outing"),
            created_at=self.now,
        )

    def bookings(self, service: Service, customer: User) -> None:
        """One in each state that has a customer, a day apart."""
        states = [status for status in BookingStatus if status not in {BookingStatus.HELD, BookingStatus.EXPIRED}]
        for number, status in enumerate(states):
            self.booking(service, customer, status, self.now + timedelta(days=2 + number))

    def booking(self, service: Service, customer: User, status: BookingStatus, start: datetime) -> None:
        span = (start, start + timedelta(hours=1))
        Booking.objects.create(
            public_id=self.names.uuid(status.value[:4]),
            provider=service.provider,
            service=service,
            status=status,
            starts_at=span[0],
            ends_at=span[1],
            time_and_after=span,
            before_and_time=span,
            time_zone="Europe/London",
            local_start=f"{start:%Y-%m-%dT%H:%M}",
            customer=customer,
            first_name="Ada",
            last_name=self.mark("Byron"),
            email=customer.email,
            note=self.mark("Ring twice"),
            closed_reason=self.mark("Because"),
            customer_time_zone="Europe/London",
            language="en",
            service_title=self.mark("Two-bedroom flat"),
            price_minor=9600,
            currency="GBP",
            cancel_notice_minutes=60,
            due_at=span[1] if status in OCCUPYING else None,
            booked_at=self.now,
            created_at=self.now,
        )

    def invitation(self, owner: User) -> None:
        Invitation.objects.create(
            public_id=self.names.uuid("inv"),
            email=self.names.email("newcomer"),
            name=self.mark("Newcomer"),
            role=Role.PROVIDER,
            invited_by=owner,
            created_at=self.now,
            expires_at=self.now + timedelta(days=14),
        )

    def idempotency(self) -> None:
        IdempotencyRecord.objects.create(
            principal=f"user:{self.names.email('member')}",
            key=self.names.slug("key"),
            request_hash="0" * 64,
            state="done",
            response_status=201,
            response_body={"title": self.mark("Answer")},
            created_at=self.now,
            locked_until=self.now,
        )

    def files(self, provider: Provider) -> None:
        """A picture, and a stylesheet of an older look; both under names that the twin has too."""
        for width in (96, 192, 480):
            self._store(file_name(provider.logo, width), self.mark("webp"))
        if not self.names.suffix:
            self._store(f"theme/theme-{OLD_THEME}.css", self.mark("body{}/*") + "*/")

    def _store(self, name: str, text: str) -> None:
        default_storage.delete(name)
        default_storage.save(name, ContentFile(text.encode()))
