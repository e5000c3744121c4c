"""What the doctor's findings are called, and what they mean in words: what is so, and what to do about it. Pure."""

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

_RESET: Final = _("Set the records on this page again at your DNS provider; they are checked every few minutes.")
_SENTENCES: Final[Mapping[tuple[Aspect, str], Sentence]] = {
    (Aspect.STATE, ClaimState.CLAIMED): Sentence(
        _("The domain waits for your DNS records."), _("Set the records below at your DNS provider."), "info"
    ),
    (Aspect.STATE, ClaimState.VERIFIED): Sentence(
        _("It is proven that the domain is yours."), _("Point it here by the address record below."), "info"
    ),
    (Aspect.STATE, ClaimState.ISSUING): Sentence(_("The domain points here; its certificate is being made."), "", "info"),
    (Aspect.STATE, ClaimState.LIVE): Sentence(_("The domain is live, with a certificate."), "", "ok"),
    (Aspect.STATE, ClaimState.FAILING): Sentence(
        _("The domain lost a record that it needs. It is served for three more days and then removed."), _RESET, "bad"
    ),
    (Aspect.STATE, ClaimState.RELEASED): Sentence(
        _("The domain is removed. Visitors reach you at your other addresses."),
        _("To use it again, add it again and set the new record."),
        "bad",
    ),
    (Aspect.PROOF, PROOF_OK): Sentence(_("The proof (TXT record) is there."), "", "ok"),
    (Aspect.PROOF, "missing"): Sentence(_("The proof (TXT record) is missing."), _RESET, "bad"),
    (Aspect.PROOF, "other"): Sentence(
        _("There is a TXT record, but with another text."),
        _("Copy the text below into it; each attempt has a new one."),
        "bad",
    ),
    (Aspect.ADDRESS, ADDRESS_HERE): Sentence(_("The name leads here."), "", "ok"),
    (Aspect.ADDRESS, "elsewhere"): Sentence(
        _("The name leads to another server."), _("Replace its address record by the one on this page."), "bad"
    ),
    (Aspect.ADDRESS, "partly"): Sentence(
        _("The name leads here and to another server, too."),
        _("Remove the address records that are not on this page; some visitors land elsewhere."),
        "bad",
    ),
    (Aspect.ADDRESS, "none"): Sentence(
        _("The name leads nowhere: it has no address record."), _("Add the address record of this page."), "bad"
    ),
    (Aspect.CAA, "open"): Sentence(_("Every authority may make certificates for it."), "", "ok"),
    (Aspect.CAA, "allowed"): Sentence(_("Our certificate authority is allowed."), "", "ok"),
    (Aspect.CAA, "forbidden"): Sentence(
        _("A CAA record forbids our certificate authority: the certificate can neither be made nor renewed."),
        _("Add a CAA record that allows the authority named on this page, or remove those that are there."),
        "bad",
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
    (Aspect.SPF, "one"): Sentence(_("There is an SPF record."), "", "ok"),
    (Aspect.SPF, "none"): Sentence(
        _("There is no SPF record: nothing says which servers may send mail in its name."),
        _("If you send mail from it, ask your mail provider for the SPF record; if not, set “v=spf1 -all”."),
        "warn",
    ),
    (Aspect.SPF, "several"): Sentence(
        _("There is more than one SPF record, so none counts (RFC 7208)."), _("Join them into a single one."), "warn"
    ),
    (Aspect.DKIM, "some"): Sentence(_("There is a DKIM key."), "", "ok"),
    (Aspect.DKIM, "none"): Sentence(
        _("There is no DKIM key under the usual names: mails cannot be told from forged ones."),
        _("If you send mail from it, switch DKIM on at your mail provider."),
        "warn",
    ),
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
}  # fmt: skip
_UNKNOWN: Final = Sentence(_("This could not be looked up."), "", "info")
RELEASE_REASONS: Final = {
    "expired": _("The records did not appear within a week."),
    "gone": _("Its records were gone for three days."),
    "taken": _("Another organization proved first that the domain is theirs."),
    "owner": _("You removed it."),
    "operator": _("The platform's operator removed it."),
}


def sentence_of(aspect: Aspect, value: str) -> Sentence:
    """What `value` of `aspect` means."""
    return _SENTENCES.get((aspect, value), _UNKNOWN)


def words_of(aspect: Aspect) -> frozenset[str]:
    """Every value that `aspect` can have."""
    return frozenset(value for known, value in _SENTENCES if known is aspect)
