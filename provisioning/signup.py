"""Sign-up: what a form orders, which browser may watch it, and what the form shows."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.contrib.sessions.backends.base import SessionBase

from kernel.actor import Actor
from kernel.emails import canonical_email
from provisioning.content.reading import blueprint_ids, load_blueprint
from provisioning.content.shapes import Blueprint
from provisioning.models import Run
from provisioning.services import order_organization
from provisioning.types import OrganizationRequest
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
    """Order an organization for whoever sent the form.

    The same form sent again, with the same content, gives the same run, however often and by however many at once; changed
    content is another request.

    Raises:
        SlugRefused: the name cannot be had; blames `slug`.
        Invalid: another value makes no sense; blames its field.
    """
    label = canonical_email(request.owner_email, field="owner_email")
    return order_organization(actor=visitor(label, "tenants.create"), request=request, idempotency_key=_key(request, form_key))


def requested_before(*, request: OrganizationRequest, form_key: str) -> Run | None:
    """The run that the same form with the same content has started already."""
    with platform_scope(reason="sign-up sent again"):
        return Run.objects.filter(idempotency_key=_key(request, form_key)).first()


def visitor(label: str, capability: str) -> Actor:
    """Somebody without an account on the platform, who may do this one thing; whether to this run, the session says."""
    return Actor("guest", None, label, frozenset({capability}))


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
