"""Changes in the words of whoever decides about them: what a thing is called, and a value as people write it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from babel import Locale
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kernel.money import Money
from provisioning.field_words import FIELD_WORDS
from provisioning.sandboxes.promoting.differences import ABSENT, PARTS, Change, FieldChange, State
from provisioning.sandboxes.promoting.reading import CONTENT, TOKENS, VOCABULARY
from webui.formats import money_text

PART_NAMES: Final[Mapping[str, Promise]] = {
    "settings": gettext_lazy("Settings and words"),
    "theme": gettext_lazy("Theme"),
    "catalog": gettext_lazy("Catalog"),
}
# What only the registry has.
_OF_REGISTRY: Final[Mapping[str, Promise]] = {
    "locale": gettext_lazy("Region"),
    "package": gettext_lazy("Theme package"),
}
# Told by the heading, or of no use to people.
_UNSAID_OF_WHOLE: Final = frozenset({"slug", "position", "provider", "title", "name", "currency", "icon"})


@dataclass(frozen=True, slots=True)
class ValueLine:
    """One value before and after, as text; empty where there is none."""

    label: str
    old: str
    new: str
    is_contested: bool


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """One thing that changes; `title` is empty where the part is one thing. `is_contested`: the marketplace did, too."""

    title: str
    act: str
    values: Sequence[ValueLine]
    is_contested: bool


@dataclass(frozen=True, slots=True)
class PartLines:
    """What changes in one part."""

    name: str
    title: str
    lines: Sequence[ChangeLine]


def parts_in_words(changes: Sequence[Change], *, source: State, sandbox: State, locale: Locale) -> list[PartLines]:
    """The parts, those without changes too, in their order; each with what changes in it."""
    speaker = _Speaker(source, sandbox, locale)
    return [
        PartLines(part, str(PART_NAMES[part]), [speaker.line(change) for change in changes if change.part == part])
        for part in PARTS
    ]


class _Speaker:
    """Knows both sides, so that a category or price can be named."""

    def __init__(self, source: State, sandbox: State, locale: Locale) -> None:
        self._source, self._sandbox, self._locale = source, sandbox, locale

    def line(self, change: Change) -> ChangeLine:
        shown = [field for field in change.fields if change.act == "changed" or field.name not in _UNSAID_OF_WHOLE]
        values = [self._value_line(change, field) for field in shown]
        told = [line for line in values if line.old or line.new]
        return ChangeLine(self._title(change), change.act, told, any(field.is_contested for field in change.fields))

    def _title(self, change: Change) -> str:
        if change.kind in {"settings", "theme"}:
            # The part's own heading says it: there is one such thing.
            return ""
        there = self._sandbox[change.kind].get(change.key) or self._source[change.kind].get(change.key) or {}
        return str(there.get("title") or there.get("name") or change.key)

    def _value_line(self, change: Change, field: FieldChange) -> ValueLine:
        old, new = (self._text(change, field.name, value) for value in (field.old, field.new))
        return ValueLine(_label(field.name), old, new, field.is_contested)

    def _text(self, change: Change, name: str, value: Any) -> str:  # Any: JSON
        if value is ABSENT or value in ("", []):
            return ""
        if name == "price_minor":
            currency = (self._sandbox["service"].get(change.key) or self._source["service"].get(change.key) or {})["currency"]
            return money_text(Money(value, currency), self._locale)
        if name == "category":
            named = self._sandbox["category"].get(value) or self._source["category"].get(value) or {}
            return str(named.get("name", ""))
        return _plain(value)


def _label(name: str) -> str:
    for prefix in (VOCABULARY, CONTENT, TOKENS):
        if name.startswith(prefix):
            return capfirst(name.removeprefix(prefix).replace("_", " "))
    return str(_OF_REGISTRY.get(name) or FIELD_WORDS.get(name) or name)


def _plain(value: Any) -> str:  # Any: JSON
    match value:
        case bool():
            return _("yes") if value else _("no")
        case list():
            return "; ".join(_plain(one) for one in value)
        case dict():
            return "; ".join(f"{name}: {_plain(one)}" for name, one in value.items() if one not in ("", None))
        case _:
            return str(value)
