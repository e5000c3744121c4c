"""Everything that beta hands out and a thief could present elsewhere."""

from __future__ import annotations

from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.account.utils import user_pk_to_url_str

from kernel import clock
from kernel.actor import Actor
from provisioning.sandboxes.sharing import link_to
from shared_apps.accounts.models import User
from shared_apps.accounts.tokens import ScopedTokenGenerator
from shared_apps.archives.selectors import archive_by_id, download_token
from shared_apps.entry.rules import challenge_of, new_secret
from shared_apps.entry.services import issue_entry_code
from shared_apps.plans.types import Interval
from tenant_apps.availability.models import Blackout, DateException
from tenant_apps.availability.types import RemovedBlackout, RemovedException
from tenant_apps.backoffice.services.looks import Look, note_of
from tenant_apps.backoffice.services.undoing import token_for_blackout, token_for_exception, token_for_hours
from tenant_apps.members.selectors import invitation_link
from tenant_apps.providers.selectors import profile_at
from tenants.context import TenantContext
from tenants.scope import platform_scope, tenant_scope
from tenants.signing import sign
from tests.isolation.stock import Names
from tests.isolation.world import TWIN, World
from themes.publishing import kit_key

# The names of all that is minted. Each has its door in test_replay, which says so.
CREDENTIALS = frozenset(
    {
        "invitation_token", "manage_token", "reset_uid", "reset_key", "email_key", "undo_hours", "undo_exception",
        "undo_blackout", "kit_key", "archive_token", "look_token", "plan_look", "entry_nonce", "entry_code",
    }
)  # fmt: skip


def mint(world: World, home: TenantContext, names: Names = TWIN) -> dict[str, str]:
    """One credential of each kind, good in `home` now."""
    with tenant_scope(home):
        owner = User.objects.get(email=names.email("owner"))
        address = EmailAddress.objects.get(user=owner)
        provider = profile_at(names.slug("provider"), actor=Actor.guest())
        row = DateException.objects.get(public_id=names.uuid("exc"))
        removed = RemovedException(row.on_date, row.kind, 0, 1440, row.note)
        closed = Blackout.objects.get(public_id=names.uuid("blk"))
        reopened = RemovedBlackout(closed.starts_at, closed.ends_at, closed.note)
        link = invitation_link(names.uuid("inv")) or ""
        minted = {
            "invitation_token": link.rstrip("/").rpartition("/")[2],
            "manage_token": sign("bookings.manage", [names.uuid("conf").hex, 0]),
            "reset_uid": user_pk_to_url_str(owner),
            "reset_key": ScopedTokenGenerator().make_token(owner),
            "email_key": EmailConfirmationHMAC(address).key,
            "undo_hours": token_for_hours(provider, ()),
            "undo_exception": token_for_exception(provider, removed),
            "undo_blackout": token_for_blackout(reopened),
            "kit_key": kit_key(home),
            "plan_look": note_of(Look("studio", Interval.MONTH, {}, 1, clock.now())),
            "archive_token": download_token(
                archive_by_id(names.uuid(f"arc-{home.slug}")), actor=Actor.user(user_id=owner.pk, label=owner.email)
            ),
        }
    look = link_to(home).rstrip("/").rpartition("/")[2]
    nonce = new_secret()
    return minted | {"look_token": look, "entry_nonce": nonce, "entry_code": _entry_code(home, nonce)}


def _entry_code(home: TenantContext, nonce: str) -> str:
    with platform_scope(reason="credentials"):
        user = User.objects.get(email=TWIN.email(f"owner-{home.slug}"))
        return issue_entry_code(user=user, slug=home.slug, browser_challenge=challenge_of(nonce)).code
