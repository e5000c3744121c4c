"""The words a section starts with, by the keys that a manifest refers to as `t:<key>`; translated when they are shown."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

PREFIX = "t:"

SECTION_TEXTS: Mapping[str, Promise] = {
    "label.all": _("Text of the “show all” link"),
    "label.badge_text": _("Small card: second line"),
    "label.badge_title": _("Small card: first line"),
    "label.button": _("Button"),
    "label.emphasis": _("Last words of the heading, emphasised"),
    "label.eyebrow": _("Line above the heading"),
    "label.image": _("Picture"),
    "label.lede": _("Introduction"),
    "label.link": _("Where the button leads"),
    "label.receipt_badge": _("Receipt: badge"),
    "label.receipt_note": _("Receipt: note"),
    "label.receipt_title": _("Receipt: heading"),
    "label.status": _("Status in the second picture"),
    "label.status_note": _("Note beside the status"),
    "label.subtitle": _("Line below the heading"),
    "label.text": _("Text"),
    "label.title": _("Heading"),
    "label.topics": _("Popular searches"),
    "label.trust": _("What visitors can rely on"),
    "categories.all": _("See everything"),
    "categories.title": _("What are you looking for?"),
    "cta.button": _("Get started"),
    "faq.title": _("Good to know"),
    "featured.all": _("See everybody"),
    "featured.subtitle": _("Real free hours, straight from their calendars."),
    "featured.title": _("Free hours this week"),
    "next_available.subtitle": _("One tap, and the hour is yours."),
    "next_available.title": _("Next free times"),
    "reviews.title": _("What customers say"),
    "stats.title": _("In numbers"),
    "steps.receipt_badge": _("Thank you"),
    "steps.receipt_note": _("How was it?"),
    "steps.receipt_title": _("All done"),
    "steps.status": _("It is booked"),
    "steps.status_note": _("see you then"),
    "steps.title": _("How it works"),
}


def is_text_key(value: str) -> bool:
    return value.startswith(PREFIX)


def section_text(value: str) -> str:
    """The text itself, or the translation that a `t:` key stands for."""
    return str(SECTION_TEXTS[value.removeprefix(PREFIX)]) if is_text_key(value) else value
