"""API keys of every owner and state, as programs present them."""

from __future__ import annotations

from kernel.actor import Actor
from shared_apps.operators.services import create_operator_key, revoke_operator_key
from shared_apps.operators.types import SCOPES as OPERATOR_SCOPES
from tenant_apps.api.models import ApiKey
from tenant_apps.api.services import create_key, revoke_key
from tenant_apps.api.types import SCOPES
from tenants.context import TenantContext
from tenants.scope import platform_scope, tenant_scope
from tests.isolation.marks import Marks
from tests.isolation.stock import Names

_SYSTEM = Actor.system("world")
REVOKED = "revoked"


def make_keys(home: TenantContext, names: Names) -> dict[str, str]:
    """A live and a revoked key of this marketplace with every scope; the live one has the twin's id. Owner → text."""
    with tenant_scope(home):
        name = Marks(home.slug)("Till")
        live, revoked = (create_key(actor=_SYSTEM, name=name, scopes=SCOPES) for _ in range(2))
        ApiKey.objects.filter(pk=live.key.pk).update(public_id=names.uuid("key"))
        revoke_key(actor=_SYSTEM, key_id=revoked.key.public_id)
    return {home.slug: live.text, f"{REVOKED} {home.slug}": revoked.text}


def make_operators_keys(email: str) -> dict[str, str]:
    """The same of the platform."""
    with platform_scope(reason="keys"):
        live, revoked = (
            create_operator_key(actor=_SYSTEM, email=email, name="Console", scopes=OPERATOR_SCOPES) for _ in range(2)
        )
        revoke_operator_key(actor=_SYSTEM, key_id=revoked.key.public_id)
    return {"operator": live.text, f"{REVOKED} operator": revoked.text}


def copy_key(text_of_home: TenantContext, *elsewhere: TenantContext) -> None:
    """Put the rows of a marketplace's keys into others' schemas, as a clone or a careless restore would."""
    fields = ("public_id", "name", "scopes", "secret_hash", "hint", "created_by")
    with tenant_scope(text_of_home):
        rows = list(ApiKey.objects.filter(revoked_at=None).values(*fields))
    for tenant in elsewhere:
        with tenant_scope(tenant):
            ApiKey.objects.all().delete()
            for row in rows:
                ApiKey.objects.create(**row)
