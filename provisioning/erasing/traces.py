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
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from typing import Any, Final, Self

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.db import connection

from kernel.emails import find_email
from kernel.ids import format_public_id
from provisioning.archives.inbox import copies_of
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
# Not all that an address may have (RFC 5322 §3.2.3): `to=`, `{'` and the like stand before one more often than in one.
_EMAIL: Final = re.compile(r"[a-z0-9._%+'-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+", re.IGNORECASE)
_JSON_ESCAPE: Final = re.compile(r"\\[bfnrt]")
# What may not stand beside, since another address, host or word would begin or end there; PostgreSQL reads these, too.
_AFTER_ESCAPE: Final = r"(?<=\\[bfnrt])"
_BEFORE_ADDRESS: Final = rf"(?:(?<![a-z0-9._%+-])|{_AFTER_ESCAPE})"
_BEFORE_HOST: Final = rf"(?:(?<![a-z0-9.-])|{_AFTER_ESCAPE})"
_AFTER_HOST: Final = r"(?![a-z0-9-]|\.[a-z0-9])"
_BEFORE_WORD: Final = rf"(?:(?<![^\W_])(?<!-)|{_AFTER_ESCAPE})"
_AFTER_WORD: Final = r"(?![^\W_]|-)"
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
    def _certain(self) -> re.Pattern[str]:
        return re.compile("|".join(map(exactly, (*self.ids, *self.people))))

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset(self.digests)

    def names_somebody(self, text: str) -> bool:
        """Whether an address in `text` is that of somebody whom the organization knew."""
        return any(_digest(found, self.salt) in self._known for found in emails_in(text))

    def has_id(self, text: str) -> bool:
        """Whether there is an id, or an address of somebody who went, in `text`."""
        return self._certain.search(text.lower()) is not None

    def names_it(self, text: str) -> bool:
        """Whether its name, or a word of it that is long enough, is in `text`."""
        lowered = text.lower()
        return any(re.search(word_exactly(part), lowered) for part in self.parts if part in lowered)

    def without(self, staying: Collection[str]) -> Self:
        """The same, but for people of whom no trace counts any more: they are on the platform for another reason by now."""
        known = {_digest(email, self.salt) for email in staying}
        people = tuple(email for email in self.people if email not in staying)
        return replace(self, people=people, digests=tuple(one for one in self.digests if one not in known))

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


def exactly(trace: str) -> str:
    """A regular expression, for PostgreSQL, too, that finds `trace` (in small letters) but where another's only contains it.

    `lee@mail.example` is not in `ashlee@mail.example`, nor `nest.example` in `bright-nest.example`.
    """
    if "@" in trace:
        return f"{_BEFORE_ADDRESS}{re.escape(trace)}{_AFTER_HOST}"
    return f"{_BEFORE_HOST}{re.escape(trace)}{_AFTER_HOST}" if "." in trace else re.escape(trace)


def word_exactly(word: str) -> str:
    """The same for a name, or a word of it: `bright` is neither in `brightness` nor in the address `bright-side`."""
    return f"{_BEFORE_WORD}{re.escape(word)}{_AFTER_WORD}"


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
    found = {match.group().strip(".'") for match in _EMAIL.finditer(_JSON_ESCAPE.sub(" ", text))}
    return {find_email(one) or one.lower() for one in found}


def _ids_of(tenant: Tenant, schemas: list[str]) -> set[str]:
    hosts = {domain.host for domain in tenant.domains.all()} | {f"{tenant.slug}.{settings.PLATFORM_DOMAIN}"}
    with platform_scope(reason="domains to erase"):
        hosts |= set(CustomDomain.objects.filter(tenant_id=tenant.pk).values_list("host", flat=True))
    own = {str(tenant.pk), tenant.pk.hex, format_public_id(TENANT_PREFIX, tenant.pk), tenant.storage_prefix}
    own |= set(copies_of(tenant.pk))
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
