"""What follows from an organization's look, its domains and what it uses. May run again: the same files, counts and letters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from kernel import clock
from kernel.events import Event
from kernel.jobs import enqueue
from shared_apps.domains.events import DomainChanged
from shared_apps.domains.selectors import changes_by_ids, outside_id_of, owner_address_of
from shared_apps.domains.types import Line
from shared_apps.metering.events import QuotaReached
from tenant_apps.backoffice.events import LookChanged
from tenant_apps.backoffice.jobs import CountUse
from tenant_apps.backoffice.selectors.quotas import quota_letter
from tenant_apps.backoffice.services import meter_booking, meter_everything, meter_provider, meter_storage
from tenant_apps.bookings.events import BookingEvent
from tenant_apps.catalog.events import ServicePublished
from tenant_apps.members.selectors import owners
from tenant_apps.notifications.services import send_mail
from tenant_apps.notifications.types import Action, Letter, Row, Template, Tone
from tenant_apps.providers.events import PicturesStored
from tenants.scope import current_tenant
from themes.publishing import publish_theme
from webui.formats import current_locale, moment_text, one_stop

_TONES: Final[dict[str, Tone]] = {"bad": "bad", "warn": "warn", "ok": "ok"}


def draw_brand_kit(event: LookChanged) -> None:
    """Draw icons and share picture of the look that is live now (half a second). Twice: the same files again."""
    del event
    publish_theme()


def write_about_domain(event: DomainChanged) -> None:
    """Tell the owner what changed about a domain and what to do; nothing when the history is gone by now."""
    tenant = current_tenant()
    with translation.override(tenant.language):
        lines = changes_by_ids(event.change_ids)
        if not lines:
            return
        letter = _letter(event, lines)
    key = f"{event.event_type}:{event.domain_id}:{max(event.change_ids)}"
    send_mail(key=key, to=owner_address_of(tenant.id), letter=letter, language=tenant.language)


def begin_counting(event: Event) -> None:
    """Count what a marketplace that has just opened came with, and not only in the next night. Twice: the same, once."""
    del event
    if not current_tenant().is_sandbox:
        with transaction.atomic():
            enqueue(CountUse(), key="use:opened")


def count_booking(event: BookingEvent) -> None:
    """Count a booking, or take it back. In any order and any number of times: it counts once."""
    meter_booking(event.booking_id)


def count_provider(event: ServicePublished) -> None:
    """Count who has put something on sale as active in that month. Twice: once."""
    meter_provider(event.provider_id, at=event.published_at)


def weigh_storage(event: PicturesStored) -> None:
    """Note what all pictures weigh now. Twice: the same."""
    del event
    meter_storage()


def count_use(job: CountUse) -> CountUse | None:
    """Note what stands there, and count what events may not have told. Twice: what counts already counts no second time."""
    rest = meter_everything(after=job.after, now=clock.now())
    return None if rest is None else replace(job, after=rest)


def write_about_quota(event: QuotaReached) -> None:
    """Tell each owner, in their language, that most or all of what the plan includes is used: one letter a month and level."""
    tenant = current_tenant()
    for owner in owners():
        language = owner.language or tenant.language
        with translation.override(language):
            letter = quota_letter(event, now=clock.now())
        if letter is None:
            return
        key = f"{event.event_type}:{event.meter}:{event.month_on:%Y-%m}:{event.level}:{owner.public_id}"
        send_mail(key=key, to=owner.email, letter=letter, language=language)


def _letter(event: DomainChanged, lines: Sequence[Line]) -> Letter:
    tenant = current_tenant()
    worst = min(lines, key=lambda line: ("bad", "warn", "info", "ok").index(line.sentence.kind))
    page = reverse("backoffice:domain", args=[outside_id_of(event.domain_id)])
    cures = dict.fromkeys(str(line.sentence.cure) for line in lines if line.sentence.cure)
    return Letter(
        template=Template.DOMAIN_CHANGED,
        subject=_("%(host)s: %(what)s") % {"host": event.host, "what": worst.sentence.text},
        preheader=str(worst.sentence.text),
        status=str(worst.label),
        tone=_TONES.get(worst.sentence.kind, "brand"),
        heading=_("Something changed about %(host)s") % {"host": event.host},
        paragraphs=(
            _("This is what we found when we looked at the domain of %(market)s:") % {"market": tenant.name},
            *cures,
            *_ends(lines),
        ),
        rows=tuple(Row(str(line.label), _text(line)) for line in lines),
        button=Action(_("See the domain"), tenant.base_url + page),
    )


def _ends(lines: Sequence[Line]) -> list[str]:
    tenant = current_tenant()
    locale = current_locale(tenant.locale)
    moments = [moment_text(line.ends_at, tenant.time_zone, "datetime", locale) for line in lines if line.ends_at is not None]
    return [one_stop(_("It is removed on %(moment)s.") % {"moment": moment}) for moment in moments]


def _text(line: Line) -> str:
    return f"{line.sentence.text} ({line.detail})" if line.detail else str(line.sentence.text)
