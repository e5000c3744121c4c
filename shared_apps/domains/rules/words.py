"""What the doctor's findings are called, and what they mean in words: what is so, and what to do about it. Pure.

A sentence stands on pages, in letters and in the API's answers: it points at nothing that is only beside it in one of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext_lazy as _

from shared_apps.domains.types import Aspect, ClaimState, Sentence

PROOF_OK: Final = "ok"
ADDRESS_HERE: Final = "here"
CERTIFICATE_OK: Final = "ok"
CERTIFICATE_ENDS_SOON: Final = "ends_soon"
CERTIFICATE_NONE: Final = "none"
CERTIFICATE_USABLE: Final = frozenset({CERTIFICATE_OK, CERTIFICATE_ENDS_SOON})
CAA_FORBIDDEN: Final = frozenset({"forbidden", "method"})
# Of each aspect: that nobody answered for a long time.
SILENT: Final = "silent"
# A state that the next look may end.
CONFIRMING: Final = "confirming"

_RESET: Final = _("Set the domain's records again at your DNS provider, as they stand on its page; they are checked often.")
_WAIT: Final = _("After a change it can take an hour until every name server has forgotten the old answer; we go on looking.")
_ASK_ZONE: Final = _("Ask your DNS provider whether its name servers answer. Nothing is taken away meanwhile.")
_SENTENCES: Final[Mapping[tuple[Aspect, str], Sentence]] = {
    (Aspect.STATE, ClaimState.CLAIMED): Sentence(
        _("The domain waits for your DNS records."), _("Set the domain's records at your DNS provider."), "info"
    ),
    (Aspect.STATE, CONFIRMING): Sentence(
        _("The proof is there; we look a second time in a minute, and then the domain is yours."), "", "info"
    ),
    (Aspect.STATE, ClaimState.VERIFIED): Sentence(
        _("It is proven that the domain is yours."), _("Point it here by its address record."), "info"
    ),
    (Aspect.STATE, ClaimState.ISSUING): Sentence(_("The domain points here; its certificate is being made."), "", "info"),
    (Aspect.STATE, ClaimState.LIVE): Sentence(_("The domain is live, with a certificate."), "", "ok"),
    (Aspect.STATE, ClaimState.FAILING): Sentence(
        _("The domain lost a record that it needs, and is removed unless that comes back."), _RESET, "bad"
    ),
    (Aspect.STATE, ClaimState.RELEASED): Sentence(
        _("The domain is removed. Visitors reach you at your other addresses."),
        _("To use it again, add it again and set the new record."),
        "bad",
    ),
    (Aspect.PROOF, PROOF_OK): Sentence(_("The proof (TXT record) is there."), "", "ok"),
    (Aspect.PROOF, "missing"): Sentence(_("The proof (TXT record) is missing."), _WAIT, "bad"),
    (Aspect.PROOF, "other"): Sentence(
        _("There is a TXT record, but with another text."), _("Each attempt has a text of its own: copy this one's."), "bad"
    ),
    (Aspect.PROOF, SILENT): Sentence(_("Nobody answers when we ask for the proof (TXT record)."), _ASK_ZONE, "warn"),
    (Aspect.ADDRESS, ADDRESS_HERE): Sentence(_("The name leads here."), "", "ok"),
    (Aspect.ADDRESS, "elsewhere"): Sentence(
        _("The name leads to another server."), _("Replace its address record by the one for this platform."), "bad"
    ),
    (Aspect.ADDRESS, "partly"): Sentence(
        _("The name leads here and to another server, too."),
        _("Remove the address records that are not this platform's; some visitors land elsewhere."),
        "bad",
    ),
    (Aspect.ADDRESS, "none"): Sentence(
        _("The name leads nowhere: it has no address record."), _("Add the address record for this platform."), "bad"
    ),
    (Aspect.ADDRESS, SILENT): Sentence(
        _("Nobody answers when we ask where the name leads, so visitors may not find it either."), _ASK_ZONE, "warn"
    ),
    (Aspect.CAA, "open"): Sentence(_("Every authority may make certificates for it."), "", "ok"),
    (Aspect.CAA, "allowed"): Sentence(_("Our certificate authority is allowed."), "", "ok"),
    (Aspect.CAA, "forbidden"): Sentence(
        _("A CAA record forbids our certificate authority: the certificate can neither be made nor renewed."),
        _("Add a CAA record with “issue” and “%(authority)s”, or remove those that are there."),
        "bad",
    ),
    (Aspect.CAA, "method"): Sentence(
        _("A CAA record allows our certificate authority, but not the way in which we prove names to it."),
        _("Take “validationmethods” out of the record for “%(authority)s”, or add http-01 and tls-alpn-01."),
        "bad",
    ),
    (Aspect.CAA, SILENT): Sentence(
        _("Nobody answers when we ask for CAA records; a certificate authority may refuse then."), _ASK_ZONE, "warn"
    ),
    (Aspect.CERTIFICATE, CERTIFICATE_OK): Sentence(_("The certificate is good."), "", "ok"),
    (Aspect.CERTIFICATE, CERTIFICATE_ENDS_SOON): Sentence(
        _("The certificate ends soon and was not renewed."),
        _("Check the address and CAA records; we go on trying."),
        "warn",
    ),
    (Aspect.CERTIFICATE, CERTIFICATE_NONE): Sentence(
        _("There is no certificate that holds; browsers show a warning."),
        _("It is made at the first visit. If this stays, check the CAA record."),
        "warn",
    ),
    (Aspect.CERTIFICATE, SILENT): Sentence(
        _("The certificate could not be looked at; the trouble is on our side."), _("We go on trying."), "info"
    ),
    (Aspect.SPF, "one"): Sentence(_("There is an SPF record."), "", "ok"),
    (Aspect.SPF, "none"): Sentence(
        _("There is no SPF record: nothing says which servers may send mail in its name."),
        _("If you send mail from it, ask your mail provider for the SPF record; if not, set “v=spf1 -all”."),
        "warn",
    ),
    (Aspect.SPF, "several"): Sentence(
        _("There is more than one SPF record, so none counts (RFC 7208)."), _("Join them into a single one."), "warn"
    ),
    (Aspect.SPF, SILENT): Sentence(_("Nobody answers when we ask for the SPF record."), _ASK_ZONE, "info"),
    (Aspect.DKIM, "some"): Sentence(_("There is a DKIM key."), "", "ok"),
    (Aspect.DKIM, "none"): Sentence(
        _("A DKIM key could not be seen: it may have a name that cannot be guessed from outside."),
        _("If you send mail from it, ask your mail provider whether DKIM is on."),
        "info",
    ),
    (Aspect.DKIM, SILENT): Sentence(_("Nobody answers when we ask for DKIM keys."), _ASK_ZONE, "info"),
    (Aspect.DMARC, "enforced"): Sentence(_("DMARC protects its name."), "", "ok"),
    (Aspect.DMARC, "watching"): Sentence(
        _("DMARC only watches (p=none): forged mail is still delivered."),
        _("When the reports look right, raise it to p=quarantine."),
        "info",
    ),
    (Aspect.DMARC, "none"): Sentence(
        _("There is no DMARC record: anybody can write in its name."),
        _("Add a TXT record at _dmarc with “v=DMARC1; p=none” to begin with."),
        "warn",
    ),
    (Aspect.DMARC, "several"): Sentence(
        _("There is more than one DMARC record, so none counts (RFC 7489)."), _("Keep a single one."), "warn"
    ),
    (Aspect.DMARC, SILENT): Sentence(_("Nobody answers when we ask for the DMARC record."), _ASK_ZONE, "info"),
}  # fmt: skip
_UNKNOWN: Final = Sentence(_("This could not be looked up."), "", "info")
RELEASE_REASONS: Final = {
    "expired": _("The records did not appear within a week."),
    "gone": _("Its records were gone, and did not come back in time."),
    "unused": _("It did not lead here within a month of its proof."),
    "taken": _("Another organization proved first that the domain is theirs."),
    "look_alike": _("It is too easy to mistake for the domain of another organization."),
    "ended": _("The organization it belonged to has ended."),
    "owner": _("You removed it."),
    "operator": _("The platform's operator removed it."),
}


def sentence_of(aspect: Aspect, value: str, *, authority: str = "") -> Sentence:
    """What `value` of `aspect` means. `authority` is the one that makes our certificates."""
    found = _SENTENCES.get((aspect, value), _UNKNOWN)
    if aspect is not Aspect.CAA or value not in CAA_FORBIDDEN:
        return found
    return Sentence(found.text, str(found.cure) % {"authority": authority}, found.kind)


def words_of(aspect: Aspect) -> frozenset[str]:
    """Every value that `aspect` can have."""
    return frozenset(value for known, value in _SENTENCES if known is aspect)
