"""Reads the `[sections]` part of a manifest: the variants and the typed settings of each section."""

from __future__ import annotations

from collections.abc import Mapping

from themes.engine.section_texts import PREFIX, SECTION_TEXTS, is_text_key
from themes.engine.sections import (
    LONGEST_LIST,
    MOST_SETTINGS,
    OPEN_SECTIONS,
    SETTING_TYPES,
    SectionSchema,
    SettingSchema,
    check_value,
)
from themes.engine.toml_reader import TableReader

_ID_PATTERN = r"[a-z][a-z0-9_]{0,39}"

# The keys that only some types of setting have; every setting has id, type, label and default.
_TYPE_KEYS: Mapping[str, tuple[str, ...]] = {
    "text": ("max",),
    "rich": ("max",),
    "int": ("min", "max", "step"),
    "choice": ("choices",),
    "image": ("ratio", "fallback"),
    "list": ("of", "max"),
}
_EMPTY_VALUES: Mapping[str, object] = {"bool": False, "list": (), "color_role": "bg"}


def read_sections(table: TableReader) -> dict[str, SectionSchema]:
    schemas: dict[str, SectionSchema] = {}
    for name in table.keys():  # noqa: SIM118  # a reader's method, not a dict's
        if name not in OPEN_SECTIONS:
            raise table.problem(name, f"is not a section; the sections are {', '.join(OPEN_SECTIONS)}")
        schemas[name] = _section(name, table.take_table(name))
    return schemas


def _section(name: str, table: TableReader) -> SectionSchema:
    variants = table.take_words("variants")
    settings = [_setting(entry) for entry in table.take_tables("settings")]
    if len(settings) > MOST_SETTINGS:
        raise table.problem("settings", f"has {len(settings)}; a section has at most {MOST_SETTINGS}")
    by_id = {setting.id: setting for setting in settings}
    if len(by_id) != len(settings):
        raise table.problem("settings", "names one id twice; ids are unique within a section")
    table.finish()
    return SectionSchema(name, variants, by_id)


def _setting(table: TableReader) -> SettingSchema:
    kind = table.take_text("type", cure=f"must be one of {', '.join(SETTING_TYPES)}")
    if kind not in SETTING_TYPES:
        raise table.problem("type", f"must be one of {', '.join(SETTING_TYPES)}, not {kind!r}")
    default = table.take("default")
    # Keys of other types are not taken, so that `finish` complains about them.
    keys = _TYPE_KEYS.get(kind, ())
    choices = _choices(table) if "choices" in keys else ()
    schema = SettingSchema(
        id=table.take_text("id", pattern=_ID_PATTERN, cure="must be a short name such as title"),
        type=kind,
        label=_label(table),
        default=_default(kind, default, choices),
        maximum=table.take_int("max") if "max" in keys else None,
        minimum=table.take_int("min") if "min" in keys else None,
        step=table.take_int("step") if "step" in keys else None,
        choices=choices,
        ratio=_ratio(table) if "ratio" in keys else "",
        fallback=_fallback(table) if "fallback" in keys else "",
        of=_entry_type(table) if "of" in keys else "text",
    )
    table.finish()
    _check_bounds(table, schema)
    _check_default(table, schema)
    return schema


def _choices(table: TableReader) -> tuple[str, ...]:
    choices = table.take_words("choices")
    if not choices:
        raise table.problem("choices", "is missing; list at least one choice")
    return choices


def _label(table: TableReader) -> str:
    label = table.take_text("label", cure="must be a text, or t: and a key of the platform's texts")
    _check_text_key(table, "label", label)
    return label


def _check_text_key(table: TableReader, key: str, value: object) -> None:
    if isinstance(value, str) and is_text_key(value) and value.removeprefix(PREFIX) not in SECTION_TEXTS:
        raise table.problem(key, f"{value!r} is not a text of the platform; write the words themselves instead")


def _default(kind: str, default: object, choices: tuple[str, ...]) -> object:
    if default is not None:
        return tuple(default) if isinstance(default, list) else default
    return choices[0] if choices else _EMPTY_VALUES.get(kind, "")


def _ratio(table: TableReader) -> str:
    return table.take_text("ratio", pattern=r"\d{1,2}:\d{1,2}", cure="must be a ratio such as 4:5", default="")


def _fallback(table: TableReader) -> str:
    return table.take_text("fallback", pattern="motif|portrait", cure="must be motif or portrait", default="motif")


def _entry_type(table: TableReader) -> str:
    kind = table.take_text("of", default="text")
    if kind not in SETTING_TYPES or kind in ("list", "choice"):
        raise table.problem("of", f"must be a type that can stand in a list, not {kind!r}")
    return kind


def _check_bounds(table: TableReader, schema: SettingSchema) -> None:
    if schema.type == "list" and schema.maximum is not None and not 0 < schema.maximum <= LONGEST_LIST:
        raise table.problem("max", f"must be 1 to {LONGEST_LIST} for a list")
    if schema.type != "int":
        return
    if schema.minimum is None or schema.maximum is None or schema.minimum >= schema.maximum:
        raise table.problem("min", "must be given, and be below max")
    if schema.step is not None and schema.step < 1:
        raise table.problem("step", "must be 1 or more")


def _check_default(table: TableReader, schema: SettingSchema) -> None:
    _check_text_key(table, "default", schema.default)
    if schema.type == "int" and schema.default == "":
        raise table.problem("default", "is missing; a number needs one")
    try:
        check_value(schema, schema.default)
    except ValueError as error:
        raise table.problem("default", str(error)) from None
