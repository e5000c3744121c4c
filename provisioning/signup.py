"""Sign-up: holds the name and writes the run down in one transaction, so that the page can lead on at once."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction

from kernel.actor import Actor
from kernel.ids import new_id
from provisioning.content.reading import blueprint_ids, load_blueprint
from provisioning.content.shapes import Blueprint
from provisioning.doorbell import ring
from provisioning.models import Run
from provisioning.requests import check_request
from provisioning.services import create_run
from provisioning.types import OrganizationRequest
from tenants.registry import reserve_name
from tenants.scope import platform_scope
from tenants.signing import keyed_hash
from themes.engine.color import Hex
from themes.engine.derive import derive_palette
from themes.engine.explain import explain_adjustments
from themes.engine.tokens import ThemeTokens

_WATCHED = "sign_up_runs"
_MOST_WATCHED = 10


@dataclass(frozen=True, slots=True)
class ColorAnswer:
    """What becomes of a brand colour: the colours of its light pages (`brand_soft` is `--c-brand-soft`), and why, in words."""

    palette: Mapping[str, Hex]
    explanation: str


def request_organization(*, request: OrganizationRequest, form_key: str) -> Run:
    """Start an organization; its name is held from now on. The workers are rung for after the commit.

    The same form sent again, with the same content, gives the same run, however often and by however many at once; changed
    content is another request.

    Raises:
        SlugRefused: the name cannot be had; blames `slug`.
        Invalid: another value makes no sense; blames its field.
    """
    request = check_request(request)
    with platform_scope(reason="sign-up"), transaction.atomic():
        run_id = new_id()
        actor = Actor.system(request.owner_email)
        run = create_run(actor=actor, request=request, idempotency_key=_key(request, form_key), public_id=run_id)
        if run.public_id == run_id:
            reserve_name(slug=request.slug, holder=run_id)
            transaction.on_commit(partial(ring, run.pk), robust=True)
    return run


def watch(session: SessionBase, run_id: UUID) -> None:
    """Let this browser, and no other, see this run and walk into what comes of it."""
    watched = [known for known in session.get(_WATCHED, []) if known != run_id.hex]
    session[_WATCHED] = [run_id.hex, *watched][:_MOST_WATCHED]


def is_watching(session: SessionBase, run_id: UUID) -> bool:
    """Whether `watch` was called for this run in this session."""
    return run_id.hex in session.get(_WATCHED, [])


def market_kinds() -> Iterator[Blueprint]:
    """The kinds of market on offer, by their names."""
    yield from sorted((load_blueprint(blueprint_id) for blueprint_id in blueprint_ids()), key=lambda kind: kind.name)


def answer_color(brand: Hex) -> ColorAnswer:
    """What the theme engine makes of `brand`, in the language that is active."""
    tokens = ThemeTokens(brand=brand)
    palette = derive_palette(tokens, "light")
    # A template cannot name a key with a hyphen.
    named = {name.replace("-", "_"): color for name, color in palette.items()}
    return ColorAnswer(named, explain_adjustments(tokens, palette))


def _key(request: OrganizationRequest, form_key: str) -> str:
    return keyed_hash("sign-up", f"{form_key}\0{json.dumps(request.as_json(), sort_keys=True)}")
