"""Issues and takes back the codes of the owner's walk (R49, ADR 0001)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

import structlog
from allauth.account.models import EmailAddress
from django.contrib.sessions.backends.base import SessionBase
from django.db import connection
from django.utils.translation import gettext as _

from kernel import clock
from kernel.deleting import delete_in_batches
from shared_apps.accounts.models import User
from shared_apps.accounts.selectors import has_verified_email, user_by_email, user_by_public_id
from shared_apps.audit.services import record
from shared_apps.entry.errors import EntryRefused, NotYourMarketplace
from shared_apps.entry.models import EntryCode, Ownership
from shared_apps.entry.rules import (
    CODE_LIFE,
    challenge_of,
    is_challenge,
    is_founders_code,
    is_pass_fresh,
    new_founders_code,
    new_secret,
)
from shared_apps.entry.selectors import ownership_of
from tenants.scope import platform_scope
from tenants.signing import keyed_hash

log = structlog.get_logger(__name__)

# Not "entry_founder": what sessions hold under that name never ends.
_PASSES: Final = "entry_passes"
_MOST_PASSES: Final = 10


@dataclass(frozen=True, slots=True)
class Walk:
    """A browser's way in: it keeps the nonce to itself and shows the challenge."""

    browser_nonce: str
    browser_challenge: str


@dataclass(frozen=True, slots=True)
class EntryTicket:
    """A fresh code, and the address in the marketplace that takes it."""

    code: str
    url: str


@dataclass(frozen=True, slots=True)
class Entry:
    """Who walked in: `member_id` is the public id of the person whom the platform's owner is in the marketplace.

    `proved_at`: when the platform last knew them as the owner of the address; None for a founder who has proved nothing yet.
    `proved_email`: the address that they have proved there; empty without one.
    """

    member_id: UUID
    proved_email: str = ""
    proved_at: datetime | None = None


def grant_entry(*, user: User, tenant_id: UUID, member_id: UUID) -> None:
    """Let a person of the platform enter a marketplace as its person `member_id`. May be called again; the last one counts."""
    Ownership.objects.update_or_create(user=user, tenant_id=tenant_id, defaults={"member_id": member_id})


def revoke_entry(*, user: User, tenant_id: UUID) -> None:
    """Close the way in, codes under way included. May be called again."""
    Ownership.objects.filter(user=user, tenant_id=tenant_id).delete()


def forget_person_without_a_way_in(*, email: str) -> None:
    """Delete the person of the platform with this address when nothing is left of them: no marketplace, no password.

    For a marketplace that was taken back before anybody came. May be called again.
    """
    user = user_by_email(email)
    if user is None or user.has_usable_password() or Ownership.objects.filter(user=user).exists():
        return
    EmailAddress.objects.filter(user=user).delete()
    # Not user.delete(): Django would follow the relations of marketplaces, whose tables are in no schema of this scope.
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM accounts_user WHERE id = %s", [user.pk])


def remember_founder(session: SessionBase, *, user: User, slug: str, founded_at: datetime) -> None:
    """Let this browser walk into the marketplace it has just founded, though its owner has not proved the address yet.

    Nothing else opens: not the platform's account, not another marketplace of the same person; and not for long after
    `founded_at`. Called again it changes nothing: a pass is not made longer, nor outlives a sign-out everywhere.
    """
    passes = _passes(session)
    slug = slug.lower()
    noted = {"user": user.public_id.hex, "epoch": user.session_epoch, "founded_at": founded_at.timestamp()}
    known = passes.pop(slug, None)
    if known is not None and known["user"] == noted["user"] and known["founded_at"] == noted["founded_at"]:
        noted = known
    session[_PASSES] = dict(list({slug: noted, **passes}.items())[:_MOST_PASSES])


def founder_of(session: SessionBase, *, slug: str, now: datetime | None = None) -> User | None:
    """The founder whom `remember_founder` noted for this marketplace in this session, while the pass holds.

    It ends after some minutes, with a sign-out everywhere, and as soon as anybody has proved the address or chosen a
    password: from then on whoever did that is the owner, and who founded the marketplace in their name is a stranger.
    """
    noted = _passes(session).get(slug.lower())
    if noted is None or not is_pass_fresh(noted["founded_at"], now or clock.now()):
        return None
    user = user_by_public_id(UUID(noted["user"]))
    if user is None or user.session_epoch != noted["epoch"] or _has_proved(user):
        return None
    return user


def _has_proved(user: User) -> bool:
    return user.has_usable_password() or has_verified_email(user)


def _passes(session: SessionBase) -> dict[str, Any]:  # Any: JSON of ours
    return dict(session.get(_PASSES, {}))


def start_walk() -> Walk:
    """What a browser needs to ask for a code that works in this browser alone; nothing is stored."""
    nonce = new_secret()
    return Walk(browser_nonce=nonce, browser_challenge=challenge_of(nonce))


def issue_entry_code(*, user: User, slug: str, browser_challenge: str, now: datetime | None = None) -> EntryTicket:
    """A code with which the browser that holds the nonce behind `browser_challenge` enters a marketplace within 60 seconds.

    In the platform's scope. Its hash is stored; the text is returned once.

    Raises:
        NotYourMarketplace: no open marketplace has this slug, or `user` does not own it.
        EntryRefused: the challenge is malformed.
    """
    return _issue(new_secret(), user=user, slug=slug, browser_challenge=browser_challenge, now=now)


def issue_founders_code(*, user: User, slug: str, browser_challenge: str, now: datetime | None = None) -> EntryTicket:
    """The same for whom `founder_of` told: the code ends when somebody proves the address, as the pass does.

    Raises:
        NotYourMarketplace, EntryRefused: as `issue_entry_code`.
    """
    return _issue(new_founders_code(), user=user, slug=slug, browser_challenge=browser_challenge, now=now)


def _issue(code: str, *, user: User, slug: str, browser_challenge: str, now: datetime | None) -> EntryTicket:
    ownership = ownership_of(user, slug=slug)
    if ownership is None or not user.is_active:
        raise NotYourMarketplace(_("There is no such marketplace among yours."))
    if not is_challenge(browser_challenge):
        raise _refused("challenge")
    now = now or clock.now()
    marketplace = ownership.tenant.as_context()
    EntryCode.objects.create(
        code_hash=keyed_hash("entry", code),
        browser_challenge=browser_challenge,
        ownership=ownership,
        host=marketplace.primary_host,
        created_at=now,
        expires_at=now + CODE_LIFE,
    )
    return EntryTicket(code=code, url=f"{marketplace.base_url}/enter/?{urlencode({'code': code})}")


def redeem_entry_code(*, code: str, tenant_id: UUID, host: str, browser_nonce: str, now: datetime | None = None) -> Entry:
    """Use a code up and tell who holds it. From any scope; whatever is wrong with it, a code shown once is spent.

    Exactly one of two racers wins: the conditional update decides.

    Raises:
        EntryRefused: unknown, used, too old, meant for another marketplace, host or browser, or a founder's and the
            address was proved since.
    """
    now = now or clock.now()
    with platform_scope(reason="owner's walk"):
        code_hash = keyed_hash("entry", code)
        if not _spend(code_hash, now):
            raise _refused("unknown or used")
        row = EntryCode.objects.select_related("ownership__user").get(code_hash=code_hash)
        if row.expires_at <= now:
            raise _refused("expired")
        if (row.ownership.tenant_id, row.host) != (tenant_id, host):
            raise _refused("host")
        if row.browser_challenge != challenge_of(browser_nonce):
            raise _refused("browser")
        by_pass = is_founders_code(code)
        if by_pass and _has_proved(row.ownership.user):
            raise _refused("proved since")
        record(
            action="marketplace.entered",
            actor_label=row.ownership.user.email,
            actor_kind="user",
            tenant_id=tenant_id,
            target=host,
        )
        owner = row.ownership.user
        return Entry(
            member_id=row.ownership.member_id,
            proved_email=owner.email if has_verified_email(owner) else "",
            proved_at=None if by_pass else row.created_at,
        )


def spend_codes_of(*, user_id: int, made_before: datetime, now: datetime | None = None) -> None:
    """Close a person's unused codes from before this moment. In the platform's scope; may be called again."""
    unused = EntryCode.objects.filter(ownership__user_id=user_id, used_at=None, created_at__lt=made_before)
    unused.update(used_at=now or clock.now())


def forget_old_codes(*, now: datetime | None = None) -> int:
    """Delete the codes that can open nothing any more; returns their number. In the platform's scope; may run twice.

    Must not be called inside a transaction.
    """
    return delete_in_batches(EntryCode.objects.filter(expires_at__lt=(now or clock.now()) - CODE_LIFE))


def _spend(code_hash: str, now: datetime) -> bool:
    """Whether this call used the code up, and no other."""
    return bool(EntryCode.objects.filter(code_hash=code_hash, used_at=None).update(used_at=now))


def _refused(reason: str) -> EntryRefused:
    # The person is told one sentence for all of them; the log may know more (R59).
    log.warning("entry_refused", reason=reason)
    return EntryRefused(_("This way in has closed. Open your marketplace from the platform again."))
