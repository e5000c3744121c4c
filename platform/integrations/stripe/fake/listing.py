"""Lists: cut into pages as Stripe does, and filtered by what most of them can be filtered by."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from integrations.stripe.fake.calls import Call, Found
from integrations.stripe.fake.params import Params
from integrations.stripe.fake.refusals import Obj, bad_param, missing
from integrations.stripe.fake.unit import Unit

_MOST: Final = 100
_BOUNDS: Final[dict[str, Callable[[int, int], bool]]] = {
    "gte": lambda value, bound: value >= bound,
    "gt": lambda value, bound: value > bound,
    "lte": lambda value, bound: value <= bound,
    "lt": lambda value, bound: value < bound,
}


def found(call: Call, kind: str, *fields: str, keep: Callable[[Obj], bool] = lambda _: True) -> Found:
    """Those of a kind whose `fields` are as the parameters of these names say, and which `keep` keeps."""
    wanted = {name: call.params.text(name) for name in fields}
    wanted = {name: value for name, value in wanted.items() if value}
    is_in_time = _in_time(call.params)

    def fits(each: Obj) -> bool:
        if any(_as_text(each.get(name)) != value for name, value in wanted.items()):
            return False
        return not each.get("deleted") and is_in_time(int(each.get("created", 0))) and keep(each)

    ids = call.unit.ids(kind, wanted.get("customer", ""))
    objects = ((each, call.unit.peek(kind, each)) for each in ids)
    return Found(kind, [object_id for object_id, content in objects if content is not None and fits(content)])


def page(unit: Unit, params: Params, everything: Found, path: str) -> Obj:
    """One page of a list, not yet made visible."""
    limit = params.whole("limit")
    after, before = params.text("starting_after"), params.text("ending_before")
    if limit is not None and not 0 < limit <= _MOST:
        raise bad_param("Invalid limit: must be between 1 and 100", "limit")
    if after and before:
        raise bad_param("You cannot parameterize both starting_after and ending_before.", "ending_before")
    parts = everything.parts
    ids = everything.ids if parts is None else [str(part["id"]) for part in parts]
    chosen, has_more = _cut(ids, limit or 10, after, before, everything.kind)
    objects = [unit.peek(everything.kind, each) for each in chosen] if parts is None else _by_id(parts, chosen)
    return {"object": "list", "url": path, "has_more": has_more, "data": objects}


def _by_id(parts: list[Obj], chosen: list[str]) -> list[Obj | None]:
    known = {str(part["id"]): part for part in parts}
    return [known[each] for each in chosen]


def _cut(ids: list[str], limit: int, after: str, before: str, kind: str) -> tuple[list[str], bool]:
    cursor = after or before
    if cursor and cursor not in ids:
        raise missing(kind, cursor, param="starting_after" if after else "ending_before")
    if before:
        newer = ids[: ids.index(before)]
        return newer[-limit:], len(newer) > limit
    older = ids[ids.index(after) + 1 :] if after else ids
    return older[:limit], len(older) > limit


def _in_time(params: Params) -> Callable[[int], bool]:
    if not params.is_tree("created"):
        exact = params.whole("created")
        return lambda value: exact is None or value == exact
    below = params.inside("created")
    bounds = [(_BOUNDS[name], bound) for name in _BOUNDS if (bound := below.whole(name)) is not None]
    return lambda value: all(holds(value, bound) for holds, bound in bounds)


def _as_text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
