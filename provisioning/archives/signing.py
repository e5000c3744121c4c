"""Signatures of archives (Ed25519, RFC 8032): our own key, and whose else's are believed.

The key is derived from SECRET_KEY, so there is no second secret to keep; an installation is known by its public key. What
was signed under an earlier SECRET_KEY stays our own as long as that stands in SECRET_KEY_FALLBACKS.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from typing import Final, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings
from django.utils.translation import gettext as _

from provisioning.archives.errors import ArchiveDamaged, ArchiveUntrusted
from shared_apps.archives.selectors import trusted_keys

_ALGORITHM: Final = "ed25519"
# A signature for anything else never holds here.
_PURPOSE: Final = b"stoa archive manifest\n"
_DERIVED_FOR: Final = b"stoa:archive signing key\x01"
_SHAPE: Final = re.compile(rb"ed25519 (?P<key>[0-9a-f]{64}) (?P<value>[0-9a-f]{128})\n")


@dataclass(frozen=True, slots=True)
class Signature:
    """Who signed, and the signature."""

    key: str
    value: bytes

    def as_bytes(self) -> bytes:
        return f"{_ALGORITHM} {self.key} {self.value.hex()}\n".encode()

    @classmethod
    def from_bytes(cls, content: bytes) -> Self:
        """The signature that `as_bytes` wrote.

        Raises:
            ArchiveDamaged: it is not of that form.
        """
        found = _SHAPE.fullmatch(content)
        if found is None:
            raise ArchiveDamaged(_("The archive's signature cannot be read."))
        return cls(found["key"].decode(), bytes.fromhex(found["value"].decode()))


def own_key() -> str:
    """The public key of this installation, 64 hex digits: what another one has to trust to import our archives."""
    return _public(_private_keys()[0])


def sign_manifest(content: bytes) -> Signature:
    """Our signature of a manifest's bytes."""
    return sign_for(_PURPOSE, content)


def sign_for(purpose: bytes, content: bytes) -> Signature:
    """Our signature of `content` for one purpose; it holds for no other."""
    return Signature(own_key(), _private_keys()[0].sign(purpose + content))


def holds(purpose: bytes, content: bytes, signature: Signature) -> bool:
    """Whether whoever has the signature's key signed these bytes for this purpose. Whom to believe is the caller's business."""
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(signature.key)).verify(signature.value, purpose + content)
    except (InvalidSignature, ValueError):
        return False
    return True


def own_keys() -> list[str]:
    """Our public keys, the current one first; the others are of SECRET_KEY_FALLBACKS."""
    return [_public(key) for key in _private_keys()]


def verify_manifest(content: bytes, signature: Signature) -> None:
    """Quiet when somebody whom we believe signed these bytes.

    Raises:
        ArchiveUntrusted: it is somebody whom the operator does not trust.
        ArchiveDamaged: the signature is not of these bytes.
    """
    if signature.key not in _believed():
        raise ArchiveUntrusted(
            _(
                "This archive was signed by an installation that is not trusted here. If you know where it comes from, run:"
                " manage.py archive_keys trust %(key)s --name NAME"
            )
            % {"key": signature.key}
        )
    if not holds(_PURPOSE, content, signature):
        raise ArchiveDamaged(_("The signature does not fit the archive: it was changed after it was signed."))


def _believed() -> set[str]:
    return set(own_keys()) | {trusted.key for trusted in trusted_keys()}


def _private_keys() -> list[Ed25519PrivateKey]:
    """The current one first. HKDF's expand step with one block (RFC 5869), as `tenants.signing` derives its keys."""
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    seeds = [hmac.new(str(secret).encode(), _DERIVED_FOR, hashlib.sha256).digest() for secret in secrets]
    return [Ed25519PrivateKey.from_private_bytes(seed) for seed in seeds]


def _public(key: Ed25519PrivateKey) -> str:
    return key.public_key().public_bytes_raw().hex()
