"""Archives that nobody should believe: taken apart, changed, put together again and, where it helps the forger, signed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from provisioning.archives import signing
from provisioning.archives.manifest import MANIFEST, SIGNATURE

type Change = Callable[[dict[str, Any]], object]

FOREIGN = Ed25519PrivateKey.from_private_bytes(b"another installation's own key !")
FOREIGN_KEY = FOREIGN.public_key().public_bytes_raw().hex()


def parts_of(archive: bytes) -> dict[str, bytes]:
    with ZipFile(BytesIO(archive)) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def manifest_of(archive: bytes) -> dict[str, Any]:
    return json.loads(parts_of(archive)[MANIFEST])


def zipped(parts: Mapping[str, bytes], *, compression: int = ZIP_DEFLATED) -> bytes:
    file = BytesIO()
    with ZipFile(file, "w", compression) as packed:
        for name, content in parts.items():
            # Without a date, so that the same parts make the same file.
            packed.writestr(ZipInfo(name), content, compression)
    return file.getvalue()


def forged(archive: bytes, change: Change = lambda _manifest: None, *, parts: Mapping[str, bytes] | None = None) -> bytes:
    """Changed by somebody who has our key: only what is looked at besides the signature can refuse it."""
    return _signed_by(None, archive, change, parts)


def foreign(archive: bytes, change: Change = lambda _manifest: None) -> bytes:
    """As another installation would have written it."""
    return _signed_by(FOREIGN, archive, change, None)


def _signed_by(key: Ed25519PrivateKey | None, archive: bytes, change: Change, parts: Mapping[str, bytes] | None) -> bytes:
    whole = parts_of(archive)
    manifest = json.loads(whole[MANIFEST])
    change(manifest)
    content = json.dumps(manifest).encode()
    whole |= {MANIFEST: content, SIGNATURE: _signature(key, content)} | dict(parts or {})
    return zipped(whole)


def _signature(key: Ed25519PrivateKey | None, content: bytes) -> bytes:
    if key is None:
        return signing.sign_manifest(content).as_bytes()
    return signing.Signature(FOREIGN_KEY, key.sign(b"stoa archive manifest\n" + content)).as_bytes()


def listed(name: str, content: bytes, *, rows: int | None = None) -> dict[str, object]:
    """What a manifest says of a member."""
    return {"name": name, "size": len(content), "sha256": hashlib.sha256(content).hexdigest(), "rows": rows}
