"""Versions of theme packages: kept as zips in the platform's storage, unpacked on each machine when first asked for.

A *reference* names what a tenant wears: `fresh` is what this code brings, `fresh@<digest>` exactly one version. A version that
this code brings is read from the code's own folder; all others from a folder that is named by the digest and never changes.
"""

from __future__ import annotations

import re
import time
from functools import lru_cache
from pathlib import Path
from typing import Final

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from tenants.scope import platform_scope
from themes.engine.errors import PackageError, UnknownPackageError
from themes.engine.packages import ThemePackage, forget_packages, get_package, load_version, usable_packages
from themes.packing.reading import LARGEST_ZIP, read_packages
from themes.packing.writing import digest_of, write_folder, write_zip

_DIGEST: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)
_KINDS: Final = {
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".webp": "image/webp",
    ".avif": "image/avif",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".woff2": "font/woff2",
}
# How long a version that is not there is not looked for again: a page asks for each of its templates.
_FORGOTTEN_AFTER_SECONDS: Final = 30
_MOST_ABSENT: Final = 1000
_absent: dict[str, float] = {}


def reference(package_id: str, digest: str) -> str:
    return f"{package_id}@{digest}" if digest else package_id


def find_package(ref: str) -> ThemePackage:
    """The package that `ref` names. A dictionary's look-up after the first time, until `forget_versions`.

    Raises:
        UnknownPackageError: there is no such package, or no such version of it any more.
        PackageError: its files break the contract.
    """
    package_id, _, digest = ref.partition("@")
    return _find(package_id, digest) if digest else get_package(package_id)


@lru_cache(maxsize=512)
def _find(package_id: str, digest: str) -> ThemePackage:
    brought = _brought(package_id)
    if brought is not None and brought.digest == digest:
        return brought
    return load_version(_unpacked(digest), package_id)


def _brought(package_id: str) -> ThemePackage | None:
    """What this code brings under that id, if it can be used."""
    try:
        return get_package(package_id)
    except (PackageError, UnknownPackageError):
        return None


def static_file(digest: str, package_id: str, path: str) -> tuple[str, bytes] | None:
    """A file for the browser, of whichever version: its media type and bytes; None where there is none."""
    try:
        return _static_file(digest, package_id, path)
    except (PackageError, LookupError):
        return None


@lru_cache(maxsize=256)
def _static_file(digest: str, package_id: str, path: str) -> tuple[str, bytes]:
    """Kept in memory: such files are small, few, and asked for by each new visitor. What is not there is not remembered."""
    kind = _KINDS[Path(path).suffix]
    file = _version_with(digest, package_id).file(package_id, path)
    if file is None:
        raise LookupError(path)
    return kind, file.read_bytes()


def _version_with(digest: str, package_id: str) -> ThemePackage:
    """The package that was sealed as `digest`, which is `package_id` or stands on it."""
    for brought in usable_packages():
        if brought.digest == digest:
            return brought
    return load_version(_unpacked(digest), package_id)


def _unpacked(digest: str) -> Path:
    if not _DIGEST.fullmatch(digest):
        message = f"{digest[:80]!r} is not the digest of a version"
        raise UnknownPackageError(message)
    folder = Path(settings.THEME_CACHE_DIR) / digest
    if not folder.is_dir():
        _unpack(digest, folder)
    return folder


def _unpack(digest: str, folder: Path) -> None:
    packages = read_packages(_fetched(digest))
    if digest_of(packages) != digest:
        # Somebody else's bytes under this name would be run as templates.
        raise PackageError(zip_name(digest), "(zip)", "is not what was stored under this name; install the package again")
    try:
        write_folder(packages, folder)
    except OSError as error:
        _note_absent(digest)
        raise PackageError(zip_name(digest), "(zip)", f"cannot be unpacked below THEME_CACHE_DIR: {error}") from error


def _fetched(digest: str) -> bytes:
    if _absent.get(digest, 0) > time.monotonic():
        raise _unknown(digest)
    try:
        with platform_scope(reason="unpack theme package"), default_storage.open(zip_name(digest)) as file:
            return bytes(file.read(LARGEST_ZIP * 2))
    except FileNotFoundError:
        _note_absent(digest)
        raise _unknown(digest) from None
    except Exception as error:  # a store that does not answer costs the look, not the page
        _note_absent(digest)
        raise PackageError(zip_name(digest), "(zip)", f"cannot be fetched: {type(error).__name__}") from error


def _note_absent(digest: str) -> None:
    if len(_absent) >= _MOST_ABSENT:
        _absent.clear()
    _absent[digest] = time.monotonic() + _FORGOTTEN_AFTER_SECONDS


def _unknown(digest: str) -> UnknownPackageError:
    return UnknownPackageError(f"version {digest[:12]} of the theme package is not stored here")


def store_version(package: ThemePackage) -> str:
    """Put the version into the platform's storage, so that every machine can have it from now on; its digest.

    May run again: the name says what the bytes are.
    """
    digest = package.digest
    with platform_scope(reason="store theme package"):
        if not default_storage.exists(zip_name(digest)):
            stored = default_storage.save(zip_name(digest), ContentFile(write_zip(package.sealed)))
            if stored != zip_name(digest):
                # Another process wrote the same bytes in between, and ours got another name.
                default_storage.delete(stored)
    _absent.pop(digest, None)
    return digest


def delete_version(digest: str) -> None:
    """Take a version out of storage. Machines that have unpacked it keep their copy until they are replaced."""
    with platform_scope(reason="delete theme package"):
        default_storage.delete(zip_name(digest))
    forget_versions()


def forget_versions() -> None:
    """Look everything up anew: after a package was installed or removed, and in tests."""
    _find.cache_clear()
    _static_file.cache_clear()
    _absent.clear()
    forget_packages()


def zip_name(digest: str) -> str:
    return f"themes/{digest}.zip"
