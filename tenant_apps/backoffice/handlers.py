"""What follows when an organization's look or one of its domains changes. May run again: the same files, one letter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from shared_apps.domains.events import DomainChanged
from shared_apps.domains.selectors import changes_by_ids, outside_id_of, owner_address_of
from shared_apps.domains.types import Line
from tenant_apps.backoffice.events import LookChanged
from tenant_apps.notifications.services import send_mail
from tenant_apps.notifications.types import Action, Letter, Row, Template, Tone
from tenants.scope import current_tenant
from themes.publishing import publish_theme
from webui.formats import current_locale, moment_text

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
    return [_("It is removed on %(moment)s.") % {"moment": moment} for moment in moments]


def _text(line: Line) -> str:
    return f"{line.sentence.text} ({line.detail})" if line.detail else str(line.sentence.text)
