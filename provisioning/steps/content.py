"""What the marketplace starts with: its kind's words and categories."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kernel.actor import Actor
from provisioning.content.reading import load_blueprint, load_sample
from provisioning.content.services import apply_blueprint
from provisioning.content.shapes import Blueprint
from provisioning.saga.step import SagaStep, Work
from tenant_apps.catalog.selectors import categories
from tenants.registry import update_tenant
from tenants.scope import tenant_scope

ACTOR = Actor.system("provisioning")


def blueprint_of(work: Work) -> Blueprint:
    """What this organization starts with: its sample's own version of the blueprint, or the blueprint."""
    return load_sample(work.request.sample).blueprint if work.request.sample else load_blueprint(work.request.blueprint)


class ApplyBlueprint(SagaStep):
    """Copies the blueprint's words into the registry and makes its categories; the owner changes both as they like."""

    name: ClassVar[str] = "blueprint"
    label: ClassVar[Promise] = _("Setting up your kind of market")

    def check(self, work: Work) -> bool:
        tenant, blueprint = work.tenant(), blueprint_of(work)
        with tenant_scope(tenant):
            present = {card.name for card in categories()}
        return bool(tenant.content) and {shape.name for shape in blueprint.categories} <= present

    def do(self, work: Work) -> Mapping[str, str | int]:
        blueprint = blueprint_of(work)
        update_tenant(
            tenant_id=work.require_tenant_id(),
            vocabulary=dict(blueprint.vocabulary),
            content={**blueprint.content, **_own_words(work)},
        )
        with tenant_scope(work.tenant()):
            apply_blueprint(blueprint)
        return {"blueprint": blueprint.id, "categories": len(blueprint.categories)}

    def undo(self, work: Work) -> None:
        """Nothing of its own: rows go with the schema, words with the registry's row."""


def _own_words(work: Work) -> dict[str, str]:
    words = {"sample": work.request.sample} if work.request.sample else {}
    if work.request.tagline:
        words["tagline"] = work.request.tagline
    return words
