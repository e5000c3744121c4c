"""What a marketplace says in the parts that can be promoted, and what a sandbox's were when it was made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from provisioning.models import Run, Step
from provisioning.sandboxes.promoting.differences import PARTS, Change, State, differences, seal_of
from provisioning.types import RunKind, RunState
from tenant_apps.catalog.selectors import category_values, service_values
from tenants.context import TenantContext
from tenants.scope import platform_scope, tenant_scope

APPLIED: Final = "applied"
# Of the sample marketplaces: says that one is shown on the platform's front page.
_NOT_PROMOTED: Final = frozenset({"sample"})
VOCABULARY: Final = "vocabulary."
CONTENT: Final = "content."
TOKENS: Final = "tokens."


@dataclass(frozen=True, slots=True)
class Comparison:
    """A marketplace and its sandbox, each as it was at one look, and what was done in the sandbox and is not so there yet."""

    sandbox: TenantContext
    source_state: State
    sandbox_state: State
    changes: Sequence[Change]

    @property
    def seal(self) -> str:
        """By this it is known later that somebody saw just these changes."""
        return seal_of(self.changes)


def base_of(tenant: TenantContext) -> State:
    """What a marketplace says now: kind of thing → id → values, all as JSON has them. Two queries in its scope."""
    with tenant_scope(tenant):
        categories, services = category_values(), service_values()
    return {
        "settings": {"": _settings(tenant)},
        "theme": {"": {"package": tenant.theme_package, **_prefixed(TOKENS, tenant.theme_tokens)}},
        "category": {str(key): values for key, values in categories.items()},
        "service": {str(key): values for key, values in services.items()},
    }


def compare(source: TenantContext, sandbox: TenantContext) -> Comparison:
    """Look at each of them once, so that what is shown, written and noted later is the same (seven queries)."""
    there, here = base_of(source), base_of(sandbox)
    return Comparison(sandbox, there, here, differences(base=standing_base(sandbox.id), source=there, sandbox=here))


def standing_base(sandbox_id: UUID) -> State:
    """What both had in common last: as the copy was made, and per part as it was promoted since."""
    base: dict[str, Mapping[str, Mapping[str, Any]]] = {kind: {} for kinds in PARTS.values() for kind in kinds}  # Any: JSON
    with platform_scope(reason="base of a sandbox"):
        made = Step.objects.filter(name="base", run__kind=RunKind.CLONE_ORGANIZATION, run__tenant_id=sandbox_id)
        base |= made.values_list("result__base", flat=True).first() or {}
        for result in promoted_from(sandbox_id):
            base |= result["base"]
    return base


def promoted_from(sandbox_id: UUID) -> list[Mapping[str, Any]]:  # Any: JSON
    """The notes of each promotion out of this sandbox that stands, the oldest first. In the platform's scope."""
    runs = Run.objects.filter(kind=RunKind.PROMOTE_SANDBOX, request__source=sandbox_id.hex, state=RunState.DONE)
    steps = Step.objects.filter(run__in=runs, name="apply", result__outcome=APPLIED)
    return list(steps.order_by("run_id").values_list("result", flat=True))


def _settings(tenant: TenantContext) -> dict[str, object]:
    content = {name: value for name, value in tenant.content.items() if name not in _NOT_PROMOTED}
    return {
        "name": tenant.name,
        "locale": tenant.locale,
        "time_zone": tenant.time_zone,
        **_prefixed(VOCABULARY, tenant.vocabulary),
        **_prefixed(CONTENT, content),
    }


def _prefixed(prefix: str, values: Mapping[str, Any]) -> dict[str, object]:  # Any: JSON
    return {f"{prefix}{name}": value for name, value in values.items()}
