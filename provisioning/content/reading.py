"""Reads blueprints and samples from TOML, strictly: each complaint names file, key and cure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final, cast

from provisioning.content.shapes import Blueprint, CategoryShape, ClosedDay, Look, ProviderShape, Sample, ServiceShape
from themes.engine.toml_reader import TableReader, read_toml

_FOLDER: Final = Path(__file__).resolve().parent.parent
_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_HOURS: Final = re.compile(r"^(?P<first>[a-z]{3})(-(?P<last>[a-z]{3}))? (?P<start>\d\d:\d\d)-(?P<end>\d\d:\d\d)$")


@cache
def load_blueprint(blueprint_id: str) -> Blueprint:
    """The blueprint of this kind of market.

    Raises:
        KeyError: there is none.
        PackageError: its file is wrong; the message names file, key and cure.
    """
    if blueprint_id not in blueprint_ids():
        raise KeyError(f"No blueprint {blueprint_id!r}; there are {', '.join(blueprint_ids())}.")
    return _blueprint(
        read_toml(_FOLDER / "blueprints" / f"{blueprint_id}.toml", f"blueprints/{blueprint_id}.toml"), blueprint_id
    )


@cache
def load_sample(slug: str) -> Sample:
    """One of the demo's marketplaces.

    Raises:
        KeyError: there is none.
        PackageError: its file is wrong; the message names file, key and cure.
    """
    if slug not in sample_slugs():
        raise KeyError(f"No sample {slug!r}; there are {', '.join(sample_slugs())}.")
    return _sample(_top("samples", slug), slug)


@cache
def blueprint_ids() -> tuple[str, ...]:
    return _names("blueprints")


@cache
def sample_slugs() -> tuple[str, ...]:
    return _names("samples")


def _top(folder: str, name: str) -> TableReader:
    return read_toml(_FOLDER / folder / f"{name}.toml", f"{folder}/{name}.toml")


def _names(folder: str) -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in (_FOLDER / folder).glob("*.toml")))


def _blueprint(top: TableReader, blueprint_id: str) -> Blueprint:
    defaults = top.take_table("defaults")
    blueprint = Blueprint(
        id=blueprint_id,
        name=top.take_text("name"),
        tagline=top.take_text("tagline"),
        icon=top.take_text("icon"),
        locale=defaults.take_text("locale", pattern=r"[a-z]{2}(-[A-Z]{2})?", cure="must be like en-GB"),
        currency=defaults.take_text("currency", pattern=r"[A-Z]{3}", cure="must be like EUR"),
        time_zone=defaults.take_text("time_zone"),
        look=_look(top),
        vocabulary=_texts(top, "vocabulary"),
        content=_mapping(top, "content"),
        categories=_categories(top),
    )
    defaults.finish()
    top.finish()
    return blueprint


def _sample(top: TableReader, slug: str) -> Sample:
    base = load_blueprint(top.take_text("blueprint"))
    own = Blueprint(
        id=base.id,
        name=base.name,
        tagline=base.tagline,
        icon=base.icon,
        locale=top.take_text("locale", default=base.locale),
        currency=top.take_text("currency", default=base.currency),
        time_zone=top.take_text("time_zone", default=base.time_zone),
        look=_look(top),
        vocabulary={**base.vocabulary, **_texts(top, "vocabulary")},
        content={**base.content, **_mapping(top, "content")},
        categories=_categories(top),
    )
    sample = Sample(
        slug=slug,
        name=top.take_text("name"),
        blueprint=own,
        owner_name=top.take_text("owner_name"),
        owner_email=top.take_text("owner_email"),
        plan_code=top.take_text("plan"),
        providers=tuple(_provider(table, own) for table in top.take_tables("providers")),
        customers=top.take_words("customers"),
    )
    top.finish()
    return sample


def _look(top: TableReader) -> Look:
    table = top.take_table("theme")
    look = Look(table.take_text("package"), _mapping(table, "tokens"))
    table.finish()
    return look


def _categories(top: TableReader) -> tuple[CategoryShape, ...]:
    return tuple(_category(table) for table in top.take_tables("categories"))


def _category(table: TableReader) -> CategoryShape:
    shape = CategoryShape(table.take_text("name"), table.take_text("icon"), table.take_text("description", default=""))
    table.finish()
    return shape


def _provider(table: TableReader, own: Blueprint) -> ProviderShape:
    shape = ProviderShape(
        name=table.take_text("name"),
        email=table.take_text("email"),
        headline=table.take_text("headline"),
        bio=table.take_text("bio"),
        location=table.take_text("location"),
        tags=table.take_words("tags"),
        art=_mapping(table, "art"),
        windows=tuple(window for line in table.take_words("hours") for window in _windows(table, line)),
        closed=tuple(_closed(day) for day in table.take_tables("closed")),
        services=tuple(_service(service, own) for service in table.take_tables("services")),
    )
    table.finish()
    return shape


def _service(table: TableReader, own: Blueprint) -> ServiceShape:
    category = table.take_text("category")
    if category not in {known.name for known in own.categories}:
        raise table.problem("category", f"{category!r} is none of [[categories]]")
    shape = ServiceShape(
        title=table.take_text("title"),
        category=category,
        price_minor=_number(table, "price_minor"),
        duration_minutes=_number(table, "minutes"),
        summary=table.take_text("summary"),
        description=table.take_text("description", default=""),
        included=table.take_words("included"),
        place=table.take_text("place", default=""),
        is_by_request=table.take_flag("by_request", default=False),
        buffer_after_minutes=_number(table, "buffer_after", 15),
        grid_step_minutes=_number(table, "step", 30),
        min_notice_minutes=_number(table, "notice", 120),
    )
    table.finish()
    return shape


def _closed(table: TableReader) -> ClosedDay:
    day = ClosedDay(_number(table, "in_days"), table.take_text("note", default=""))
    table.finish()
    return day


def _windows(table: TableReader, line: str) -> list[tuple[int, int, int]]:
    found = _HOURS.match(line)
    days = _days(found["first"], found["last"] or found["first"]) if found else []
    if found is None or not days:
        raise table.problem("hours", f"{line!r} must be like 'mon-fri 09:00-17:00' or 'sat 10:00-14:00'")
    return [(day, _minute(found["start"]), _minute(found["end"])) for day in days]


def _days(first: str, last: str) -> list[int]:
    if first not in _DAYS or last not in _DAYS:
        return []
    return list(range(_DAYS.index(first), _DAYS.index(last) + 1))


def _minute(text: str) -> int:
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)


def _number(table: TableReader, key: str, default: int | None = None) -> int:
    value = table.take_int(key, default)
    if value is None or value < 0:
        raise table.problem(key, "must be a whole number, not negative")
    return value


def _texts(table: TableReader, key: str) -> Mapping[str, str]:
    values = _mapping(table, key)
    if not all(isinstance(value, str) for value in values.values()):
        raise table.problem(key, "holds texts only")
    return cast("Mapping[str, str]", values)


def _mapping(table: TableReader, key: str) -> Mapping[str, Any]:  # Any: free content, as JSON keeps it
    value = table.take(key)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise table.problem(key, "must be a table")
    return value
