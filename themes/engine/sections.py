"""The sections a home page is made of: which exist, the typed settings of each, and what an owner may put in them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import nh3
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from themes.engine.errors import SectionSettingsError
from themes.engine.section_texts import section_text

OPEN_SECTIONS = (
    "hero",
    "categories",
    "featured",
    "stats",
    "steps",
    "reviews",
    "cta",
    "faq",
    "map",
    "text",
    "gallery",
    "next_available",
)
OPEN_PARTIALS = ("header", "footer", "provider", "search")
MOST_SETTINGS = 12
MOST_SECTIONS = 25
LONGEST_LIST = 8
LONGEST_TEXT = 2000

# A colour is chosen as a role, never as a value: whatever the brand becomes, the role stays readable.
COLOR_ROLES = ("bg", "surface-2", "brand-soft", "accent-soft", "brand", "deep")

_RICH_TAGS = {"b", "strong", "i", "em", "a", "ul", "ol", "li", "p", "br"}
_INTERNAL_OR_HTTPS = re.compile(r"(?:/(?![/\\])|#|https://)[^\s\"'<>\\]*", re.ASCII)
_ICON = re.compile(r"[a-z0-9-]{1,40}")
_PUBLIC_ID = re.compile(r"[a-z]{2,5}_[0-9a-z]{10,40}|[a-z0-9-]{1,80}")


@dataclass(frozen=True, slots=True)
class SettingSchema:
    """One setting of a section. Which of the bounds matter depends on `type`."""

    id: str
    type: str
    label: str
    default: object
    maximum: int | None = None
    minimum: int | None = None
    step: int | None = None
    choices: tuple[str, ...] = ()
    ratio: str = ""
    fallback: str = ""
    of: str = "text"


@dataclass(frozen=True, slots=True)
class SectionSchema:
    """The shape of one section in one package: its variants, first the default one, and its settings by id."""

    id: str
    variants: tuple[str, ...] = ()
    settings: Mapping[str, SettingSchema] = field(default_factory=dict)


def section_settings(schema: SectionSchema, stored: Mapping[str, object]) -> dict[str, object]:
    """What a template reads: every setting of the schema, an owner's value where there is one, else the default."""
    checked = clean_settings(schema, stored)
    return {name: _shown(setting, checked.get(name, setting.default)) for name, setting in schema.settings.items()}


def clean_settings(schema: SectionSchema, stored: Mapping[str, object]) -> dict[str, object]:
    """An owner's values, checked against the schema. Raises SectionSettingsError with a sentence for each setting."""
    cleaned: dict[str, object] = {}
    problems: dict[str, str] = {}
    for name, value in stored.items():
        setting = schema.settings.get(name)
        if setting is None:
            problems[str(name)] = _("This section has no such setting.")
            continue
        try:
            cleaned[name] = check_value(setting, value)
        except ValueError as error:
            problems[name] = str(error)
    if problems:
        raise SectionSettingsError(problems)
    return cleaned


def check_value(setting: SettingSchema, value: object) -> object:
    """The value if the setting may hold it; raises ValueError with a sentence for the owner."""
    return _CHECKS[setting.type](setting, value)


def _shown(setting: SettingSchema, value: object) -> object:
    if setting.type == "rich" and isinstance(value, str):
        return clean_rich_text(section_text(value))
    if setting.type == "list" and isinstance(value, (list, tuple)):
        return [section_text(item) if isinstance(item, str) else item for item in value]
    return section_text(value) if isinstance(value, str) else value


def clean_rich_text(markup: str) -> SafeString:
    """Bold, italics, links, lists and paragraphs; everything else is taken out, scripts with their content."""
    return SafeString(nh3.clean(markup, tags=_RICH_TAGS, attributes={"a": {"href"}}, url_schemes={"https", "mailto"}))


def _text(setting: SettingSchema, value: object) -> str:
    longest = setting.maximum or LONGEST_TEXT
    if not isinstance(value, str) or len(value) > longest:
        raise ValueError(_("Write at most %(longest)d characters.") % {"longest": longest})
    return value


def _whole_number(setting: SettingSchema, value: object) -> int:
    lowest = 0 if setting.minimum is None else setting.minimum
    highest = 100 if setting.maximum is None else setting.maximum
    step = setting.step or 1
    if isinstance(value, bool) or not isinstance(value, int) or not lowest <= value <= highest or (value - lowest) % step:
        bounds = {"lowest": lowest, "highest": highest, "step": step}
        raise ValueError(_("Give a whole number from %(lowest)d to %(highest)d in steps of %(step)d.") % bounds)
    return value


def _switch(_setting: SettingSchema, value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError(_("This is either on or off."))  # noqa: TRY004  # one kind of error for all owners' mistakes
    return value


def _one_of(choices: tuple[str, ...], value: object) -> str:
    if not isinstance(value, str) or value not in choices:
        raise ValueError(_("Choose one of: %(choices)s.") % {"choices": ", ".join(choices)})
    return value


def _choice(setting: SettingSchema, value: object) -> str:
    return _one_of(setting.choices, value)


def _color_role(_setting: SettingSchema, value: object) -> str:
    return _one_of(COLOR_ROLES, value)


def _matching(pattern: re.Pattern[str], sentence: Promise) -> Callable[[SettingSchema, object], str]:
    def check(_setting: SettingSchema, value: object) -> str:
        # Empty means “none”, which every reference may be.
        if value == "":
            return ""
        if not isinstance(value, str) or len(value) > LONGEST_TEXT or not pattern.fullmatch(value):
            raise ValueError(str(sentence))
        return value

    return check


def _list(setting: SettingSchema, value: object) -> list[object]:
    longest = setting.maximum or LONGEST_LIST
    if not isinstance(value, (list, tuple)) or len(value) > longest:
        raise ValueError(_("Give a list of at most %(longest)d entries.") % {"longest": longest})
    entry = SettingSchema(id=setting.id, type=setting.of, label="", default="")
    return [check_value(entry, item) for item in value]


_CHECKS: Mapping[str, Callable[[SettingSchema, object], object]] = {
    "text": _text,
    "rich": _text,
    "int": _whole_number,
    "bool": _switch,
    "choice": _choice,
    "color_role": _color_role,
    "image": _matching(_INTERNAL_OR_HTTPS, gettext_lazy("Choose an uploaded picture.")),
    "icon": _matching(_ICON, gettext_lazy("Choose an icon of the list.")),
    "link": _matching(_INTERNAL_OR_HTTPS, gettext_lazy("Give a page of this site, such as /services, or an https:// address.")),
    "category": _matching(_PUBLIC_ID, gettext_lazy("Choose an existing entry.")),
    "service": _matching(_PUBLIC_ID, gettext_lazy("Choose an existing entry.")),
    "provider": _matching(_PUBLIC_ID, gettext_lazy("Choose an existing entry.")),
    "list": _list,
}
SETTING_TYPES = tuple(_CHECKS)
