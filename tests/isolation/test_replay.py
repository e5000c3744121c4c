"""Every credential of beta, presented on alpha and on the platform, opens nothing; and opens its own door."""

import ast
import os

import pytest
from allauth.account.internal.flows.email_verification_by_code import EMAIL_VERIFICATION_CODE_SESSION_KEY
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from django.core.signing import BadSignature
from django.test import Client

from ops.local.home import ROOT
from provisioning.sandboxes.sharing import opens
from shared_apps.accounts.tokens import ScopedTokenGenerator
from tenant_apps.availability.models import DateException
from tenants.scope import platform_scope, tenant_scope
from tenants.signing import unsign
from tests.isolation.browsers import browser, copy_session, signed_in
from tests.isolation.credentials import CREDENTIALS, mint
from tests.isolation.keys import copy_key, make_keys
from tests.isolation.marks import canaries_in
from tests.isolation.stock import OLD_THEME, Names
from tests.isolation.world import TWIN

pytestmark = pytest.mark.proves("isolation.replay")

_PROVIDER = TWIN.public("prv", "pprovider")


class Doors:
    """How each kind of credential is presented at a host; each says whether it opened."""

    def __init__(self, world, host: str) -> None:
        self.world, self.host, self.stolen = world, host, world.stolen

    def _get(self, path: str, **query):
        return browser(self.host).get(path, query_params=query)

    def _is_in(self, client) -> bool:
        return client.get("/accounts/security/").status_code == 200

    def session_cookie(self) -> bool:
        return self._is_in(signed_in("owner", self.world.beta, host=self.host))

    def copied_session(self) -> bool:
        client = signed_in("owner", self.world.beta, host=self.host)
        if self.host != self.world.beta.primary_host:
            copy_session(client, self.world)
        return self._is_in(client)

    def csrf_cookie(self) -> bool:
        """Beta's token in the form, this host's cookie in the browser."""
        theirs = browser(self.world.beta.primary_host).get("/accounts/login/")
        client = browser(self.host)
        client.handler.enforce_csrf_checks = True
        client.get("/accounts/login/")
        if self.host == self.world.beta.primary_host:
            client.cookies = theirs.cookies
        answer = client.post("/accounts/login/", {"csrfmiddlewaretoken": theirs.context["csrf_token"], "login": "x@y.example"})
        return answer.status_code != 403

    def api_key(self) -> bool:
        return self._opens_api(self.world.keys["beta"])

    def copied_api_key(self) -> bool:
        """The key's row lies in the asked schema too."""
        if self.host == self.world.alpha.primary_host:
            copy_key(self.world.beta, self.world.alpha)
        return self._opens_api(self.world.keys["beta"])

    def manage_link(self) -> bool:
        return self._get(f"/b/{self.stolen['manage_token']}/").status_code == 200

    def booking_token(self) -> bool:
        path = f"/api/v1/bookings/{TWIN.public('bkg', 'conf')}"
        return browser(self.host).get(path, headers={"Booking-Token": self.stolen["manage_token"]}).status_code == 200

    def email_code(self) -> bool:
        """Of a sign-up in beta, typed into one at the asked host."""
        theirs = self._signing_up(self.world.beta.primary_host)
        with tenant_scope(self.world.beta):
            code = theirs.session[EMAIL_VERIFICATION_CODE_SESSION_KEY]["code"]
        client = theirs if self.host == self.world.beta.primary_host else self._signing_up(self.host)
        client.post("/accounts/confirm-email/", {"action": "verify", "code": code})
        return self._is_in(client)

    def undo_button(self) -> bool:
        return self._presses(f"providers/{_PROVIDER}/hours/restore", "undo_hours")

    def undo_button_of_a_date(self) -> bool:
        return self._presses(f"providers/{_PROVIDER}/hours/dates/restore", "undo_exception")

    def undo_button_of_closed_days(self) -> bool:
        return self._presses("closed-days/restore", "undo_blackout")

    def invitation_link(self) -> bool:
        return self._get(f"/join/{self.stolen['invitation_token']}/").status_code == 200

    def reset_link(self) -> bool:
        path = f"/accounts/password/reset/key/{self.stolen['reset_uid']}-{self.stolen['reset_key']}/"
        return self._get(path).status_code == 302  # to the form, with the key in the session

    def entry_code(self) -> bool:
        client = browser(self.host)
        client.cookies["stoa_entry"] = self.stolen["entry_nonce"]
        client.get("/enter/", query_params={"code": self.stolen["entry_code"]})
        return self._is_in(client)

    def media_path(self) -> bool:
        return self._shows_beta(f"/media/images/{TWIN.picture}-96.webp")

    def theme_file(self) -> bool:
        return self._shows_beta(f"/theme-{OLD_THEME}.css")

    def brand_file(self) -> bool:
        return self._get(f"/brand/{self.stolen['kit_key']}/app.webmanifest").status_code == 200

    def archive_link(self) -> bool:
        """Followed by the asked host's own owner: the link is what is foreign."""
        answer = self._owner().get(f"/manage/settings/data/{self.stolen['archive_token']}/")
        return answer.status_code == 200 and bool(canaries_in(b"".join(answer).decode(), "beta"))

    def list_cursor(self) -> bool:
        """Where beta's list goes on."""
        page = browser(self.world.beta.primary_host).get("/api/v1/services", query_params={"limit": 1}).json()
        return self._get("/api/v1/services", limit=1, cursor=page["next_cursor"]).status_code == 200

    def _opens_api(self, key: str) -> bool:
        # Each host has a list that only a key opens.
        paths = ("/api/v1/bookings", "/api/v1/runs")
        return any(browser(self.host, key=key).get(path).status_code == 200 for path in paths)

    def _presses(self, what: str, token: str) -> bool:
        """Pressed by the asked host's own owner: the token is what is foreign."""
        for tenant in self.world.twins:
            with tenant_scope(tenant):
                DateException.objects.filter(public_id=TWIN.uuid("exc")).delete()
        return self._owner().post(f"/manage/{what}/{self.stolen[token]}/").status_code == 303

    def _owner(self) -> Client:
        """The owner of the asked host; a guest where that has no owner."""
        home = next((tenant for tenant in self.world.twins if tenant.primary_host == self.host), None)
        return browser(self.host) if home is None else signed_in("owner", home, host=self.host)

    def _signing_up(self, host: str) -> Client:
        client = browser(host)
        # An address of its own: one that was sent a code just now gets none.
        address = TWIN.email(f"eve{os.urandom(6).hex()}")
        form = {"first_name": "Eve", "last_name": "E", "email": address, "password1": "a long and equal password"}
        client.post("/accounts/signup/", form)
        return client

    def _shows_beta(self, path: str) -> bool:
        return bool(canaries_in(self._get(path).text, "beta"))


KINDS = [name for name in vars(Doors) if not name.startswith("_")]
# No door on a page: what the code that reads it says.
TOKENS = {
    "manage_token": lambda token: unsign("bookings.manage", token),
    "email_key": lambda token: EmailConfirmationHMAC.from_key(token) or _refuse(),
    "look_token": lambda token: opens(token) or _refuse(),
    "plan_look": lambda token: unsign("backoffice.plan_change", token),
}
# Who signs, and what of it is presented here: a credential, or a door that gets it by itself.
SIGNERS = {
    "provisioning/sandboxes/sharing.py": {"look_token"},
    "shared_apps/archives/selectors.py": {"archive_token"},
    "shared_apps/rest/paging.py": {"list_cursor"},
    "tenant_apps/backoffice/services/looks.py": {"plan_look"},
    "tenant_apps/backoffice/services/undoing.py": {"undo_hours", "undo_exception", "undo_blackout"},
    "tenant_apps/bookings/selectors/links.py": {"manage_token"},
    "tenant_apps/members/selectors.py": {"invitation_token"},
}
# An attempt of the owner's own test of the walls: it is presented there.
_TRIED_ELSEWHERE = "provisioning/selftest/acts/access.py"


def without_a_door(credentials) -> set[str]:
    """The credentials that neither a door nor a token's reader names."""
    presented = {name for kind in KINDS for name in getattr(Doors, kind).__code__.co_consts if isinstance(name, str)}
    return set(credentials) - presented - set(TOKENS)


def signs(text: str) -> bool:
    """Whether this module makes signed tokens."""
    imports = (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ImportFrom))
    return any(node.module == "tenants.signing" and "sign" in {name.name for name in node.names} for node in imports)


def _refuse():
    raise BadSignature("no such address")


@pytest.fixture(autouse=True)
def _fresh_credentials(world):
    world.stolen = mint(world, world.beta)


def test_every_credential_that_is_minted_is_presented_somewhere(world):
    assert set(world.stolen) == CREDENTIALS
    assert without_a_door(CREDENTIALS) == set()


@pytest.mark.control
def test_a_credential_without_a_door_is_named():
    assert without_a_door(CREDENTIALS | {"social_state"}) == {"social_state"}


def test_whatever_signs_has_what_it_signs_presented_here():
    product = (*ROOT.glob("*_apps/**/*.py"), *(ROOT / "provisioning").rglob("*.py"), *(ROOT / "platform").rglob("*.py"))

    found = {str(file.relative_to(ROOT)) for file in product if signs(file.read_text(encoding="utf-8"))}

    assert found - {_TRIED_ELSEWHERE} == set(SIGNERS)
    assert set().union(*SIGNERS.values()) <= CREDENTIALS | set(KINDS)


@pytest.mark.control
@pytest.mark.parametrize(("names", "expected"), [("sign", True), ("keyed_hash, sign", True), ("unsign", False)])
def test_a_module_that_signs_is_known_by_its_import(names, expected):
    assert signs(f"from tenants.signing import ({names})") is expected


@pytest.mark.parametrize("kind", KINDS)
def test_a_credential_of_beta_opens_nothing_elsewhere(world, count, kind):
    # Minted now, not before: with a guard off a credential is made without it as well.
    world.stolen, elsewhere = mint(world, world.beta), [world.alpha.primary_host, "localhost"]

    opened = [host for host in elsewhere if getattr(Doors(world, host), kind)()]

    count(attempts=len(elsewhere), failures=len(opened))
    assert opened == []


@pytest.mark.control
@pytest.mark.parametrize("kind", KINDS)
def test_the_same_credential_opens_its_own_door(world, count, kind):
    """Negative control: a thief who got nowhere because the credential was no good would prove nothing."""
    opened = getattr(Doors(world, world.beta.primary_host), kind)()

    count(controls=1, controls_caught=int(opened))
    assert opened


@pytest.mark.parametrize("kind", TOKENS)
def test_a_signed_token_of_beta_is_refused_in_every_other_scope(world, count, kind):
    world.stolen = mint(world, world.beta)
    with tenant_scope(world.beta):
        EmailAddress.objects.update(verified=False)
        assert TOKENS[kind](world.stolen[kind])
    for scope in (tenant_scope(world.alpha), platform_scope(reason="test")):
        with scope:
            EmailAddress.objects.update(verified=False)
            with pytest.raises(BadSignature):
                TOKENS[kind](world.stolen[kind])
    count(attempts=2, controls=1, controls_caught=1)


@pytest.mark.control
def test_without_the_scope_in_its_hash_a_reset_key_does_open_the_twins_account(world, count, monkeypatch):
    """Negative control: the twins' owners are equal to the last byte, so only the scope tells their keys apart."""
    monkeypatch.delattr(ScopedTokenGenerator, "_make_hash_value")
    world.stolen = mint(world, world.beta)

    opened = Doors(world, world.alpha.primary_host).reset_link()

    count(controls=1, controls_caught=int(opened))
    assert opened


@pytest.mark.control
def test_without_the_scope_in_their_key_signatures_do_hold_in_the_twin(world, count, monkeypatch):
    """Negative control for every signed link."""
    monkeypatch.setattr("tenants.signing._keys", lambda: ["k"])
    monkeypatch.setattr("tenants.signing._salt", lambda purpose: purpose)
    world.stolen = mint(world, world.beta)

    opened = Doors(world, world.alpha.primary_host).invitation_link()

    count(controls=1, controls_caught=int(opened))
    assert opened


@pytest.mark.parametrize("slug", ["alpha", "beta"])
def test_an_operators_key_opens_the_platform_and_no_marketplace(world, count, slug):
    host = next(tenant.primary_host for tenant in world.twins if tenant.slug == slug)
    doors, key = Doors(world, host), world.keys["operator"]

    opened = doors._opens_api(key)

    count(attempts=1, failures=int(opened), controls=1, controls_caught=int(Doors(world, "localhost")._opens_api(key)))
    assert not opened
    assert Doors(world, "localhost")._opens_api(key)


@pytest.mark.parametrize("whose", ["alpha", "beta", "operator"])
def test_a_revoked_key_opens_nothing_anywhere(world, count, whose):
    hosts = [world.alpha.primary_host, world.beta.primary_host, "localhost"]

    opened = [host for host in hosts if Doors(world, host)._opens_api(world.keys[f"revoked {whose}"])]

    count(attempts=len(hosts), failures=len(opened))
    assert opened == []


@pytest.mark.control
def test_without_the_scope_in_its_hash_a_copied_key_does_open_the_twin(world, count, monkeypatch):
    """Negative control: a cloned schema brings the rows of its keys along, so only the scope's own secret keeps them shut."""
    monkeypatch.setattr("tenants.signing._keys", lambda: ["k"])
    monkeypatch.setattr("tenants.signing._salt", lambda purpose: purpose)
    monkeypatch.setattr(world, "keys", world.keys | make_keys(world.beta, Names("again")))

    opened = Doors(world, world.alpha.primary_host).copied_api_key()

    count(controls=1, controls_caught=int(opened))
    assert opened
