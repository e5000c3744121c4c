"""By what an organization could be recognized: collected before anything goes, kept sealed until the proof, then forgotten.

E-mail addresses are kept as salted hashes only, since there may be as many as the organization had customers.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any, Final, Self

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.db import connection

from kernel.emails import find_email
from kernel.ids import format_public_id
from provisioning.erasing.former import FormerSandboxes
from provisioning.erasing.people import people_who_go
from shared_apps.accounts.models import User
from shared_apps.domains.models import CustomDomain
from tenants.clusters import on_cluster
from tenants.models import Tenant
from tenants.schemas import quoted
from tenants.scope import owner_scope, platform_scope
from tenants.types import TENANT_PREFIX

_PURPOSE: Final = b"stoa:traces of an erased organization\x01"
_DIGEST_BYTES: Final = 12
# A shorter one is in too many words that have nothing to do with it; as a whole value it is looked for all the same.
_SHORTEST_PART: Final = 6
_EMAIL: Final = re.compile(r"[a-z0-9.!#$%&'*+/=?^_{|}~-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+", re.IGNORECASE)
_TEXTS: Final = """
    SELECT c.relname, a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    WHERE c.relnamespace = %s::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
        AND a.atttypid::regtype::text ~ '^(text|character|json|extensions.citext)' ORDER BY 1, 2"""


@dataclass(frozen=True)
class Traces:
    """`ids` are nobody else's and give it away wherever they stand; `words` only in rows that are not another's.

    `people` are the addresses of the platform's people who go with it; `digests` those of everybody whom it knew. What is on
    record of `sandboxes` is the organization's own; the link to them is scrubbed before the proof, so they are kept here.
    """

    ids: tuple[str, ...]
    words: tuple[str, ...]
    people: tuple[str, ...]
    digests: tuple[str, ...]
    salt: str
    sandboxes: FormerSandboxes = field(default_factory=FormerSandboxes)

    @cached_property
    def parts(self) -> tuple[str, ...]:
        """Those words that are looked for within longer texts, too."""
        return tuple(word for word in self.words if len(word) >= _SHORTEST_PART)

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset(self.digests)

    def names_somebody(self, text: str) -> bool:
        """Whether an address in `text` is that of somebody whom the organization knew."""
        return any(_digest(found, self.salt) in self._known for found in emails_in(text))

    def has_id(self, text: str) -> bool:
        """Whether there is an id, or an address of somebody who went, in `text`."""
        lowered = text.lower()
        return any(known in lowered for known in (*self.ids, *self.people))

    def counts(self) -> dict[str, int]:
        """How many of each there are, which may be kept."""
        return {"ids": len(self.ids), "words": len(self.words), "addresses": len(self.digests)}

    def sealed(self) -> str:
        """As text that this installation alone opens."""
        return _box().encrypt(json.dumps(asdict(self)).encode()).decode()

    @classmethod
    def unsealed(cls, text: str) -> Self:
        """What `sealed` closed."""
        stored: dict[str, Any] = json.loads(_box().decrypt(text.encode()))  # Any: JSON
        salt, sandboxes = str(stored.pop("salt")), _tuples(stored.pop("sandboxes", {}))
        return cls(**_tuples(stored), salt=salt, sandboxes=FormerSandboxes(**sandboxes))


def _tuples(stored: Mapping[str, Iterable[str]]) -> dict[str, tuple[str, ...]]:
    return {name: tuple(values) for name, values in stored.items()}


def collect(tenant: Tenant, schemas: Iterable[str], *, standing: Iterable[tuple[str, str]], tell: Callable[[], None]) -> Traces:
    """Everything by which the organization could be recognized. In the platform's scope; `tell` is called now and then.

    `schemas` are all that it ever had, its sandboxes' too; `standing` those that there are, each after its cluster.
    """
    salt, names = secrets.token_hex(16), list(schemas)
    former = FormerSandboxes.of(tenant.pk)
    people = {user.email for user in people_who_go(tenant.pk)}
    content = tenant.content if isinstance(tenant.content, dict) else {}
    words = {tenant.slug, tenant.name, *former.slugs, *(str(content.get(key) or "") for key in ("headline", "tagline"))}
    emails = emails_in(f"{tenant.owner_email} {content.get('contact_email') or ''}")
    for alias, schema in standing:
        with on_cluster(alias):
            emails |= _emails_of(schema, tell)
    # Who stays on the platform stays there by right: a trace of them is none of the organization.
    with platform_scope(reason="people who stay"):
        staying = set(User.objects.values_list("email", flat=True)) - people
    return Traces(
        ids=tuple(sorted(_ids_of(tenant, names) | former.traces())),
        words=tuple(sorted({word.lower() for word in words if word})),
        people=tuple(sorted(people)),
        digests=tuple(sorted(_digest(email, salt) for email in (emails | people) - staying)),
        salt=salt,
        sandboxes=former,
    )


def emails_in(text: str) -> set[str]:
    """Every address in `text`, in the form in which it is stored."""
    found = {match.group().strip(".") for match in _EMAIL.finditer(text)}
    return {find_email(one) or one.lower() for one in found}


def _ids_of(tenant: Tenant, schemas: list[str]) -> set[str]:
    hosts = {domain.host for domain in tenant.domains.all()} | {f"{tenant.slug}.{settings.PLATFORM_DOMAIN}"}
    with platform_scope(reason="domains to erase"):
        hosts |= set(CustomDomain.objects.filter(tenant_id=tenant.pk).values_list("host", flat=True))
    own = {str(tenant.pk), tenant.pk.hex, format_public_id(TENANT_PREFIX, tenant.pk), tenant.storage_prefix}
    return {one.lower() for one in own | hosts | set(schemas)}


def _emails_of(schema: str, tell: Callable[[], None]) -> set[str]:
    found: set[str] = set()
    with owner_scope(reason="addresses to erase"), connection.cursor() as cursor:
        cursor.execute(_TEXTS, [quoted(schema)])
        for table, column in cursor.fetchall():
            tell()
            name = f'"{column}"::text'
            cursor.execute(f"SELECT DISTINCT {name} FROM {quoted(schema)}.\"{table}\" WHERE strpos({name}, '@') > 0")  # noqa: S608  # our own words
            while rows := cursor.fetchmany(5000):
                found |= {email for (text,) in rows for email in emails_in(text)}
    return found


def _digest(email: str, salt: str) -> str:
    return hashlib.sha256(f"{salt}{email}".encode()).hexdigest()[: 2 * _DIGEST_BYTES]


def _box() -> MultiFernet:
    """Under the installation's key, and, for what was sealed before it was changed, those before it."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    derived = [hmac.new(str(key).encode(), _PURPOSE, hashlib.sha256).digest() for key in keys]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in derived])
