"""Writes packages as one zip, the same bytes on every machine, and as folders for those who read files."""

from __future__ import annotations

import hashlib
import io
import shutil
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from themes.packing.places import has_place

_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
_PLAIN_FILE: Final = 0o100644 << 16
_UNIX: Final = 3

type Files = Mapping[str, bytes]


def files_below(folder: Path) -> Files:
    """What of a folder belongs to a package, by path; links and strangers are left out."""
    found = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    named = {path.relative_to(folder).as_posix(): path for path in found}
    return {name: path.read_bytes() for name, path in sorted(named.items()) if has_place(name)}


def digest_of(packages: Mapping[str, Files]) -> str:
    """A name for exactly these files, 64 letters: the same for a folder, its zip, and what was unpacked from that."""
    digest = hashlib.sha256()
    for package_id, files in sorted(packages.items()):
        for path, blob in sorted(files.items()):
            digest.update(f"{package_id}/{path}\0{hashlib.sha256(blob).hexdigest()}\n".encode())
    return digest.hexdigest()


def write_zip(packages: Mapping[str, Files]) -> bytes:
    """The packages as one file. Stored, not deflated: compressors differ between machines, and fonts and pictures are small."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_STORED) as archive:
        for package_id, files in sorted(packages.items()):
            for path, blob in sorted(files.items()):
                member = zipfile.ZipInfo(f"{package_id}/{path}", _EPOCH)
                member.create_system = _UNIX
                member.external_attr = _PLAIN_FILE
                archive.writestr(member, blob)
    return written.getvalue()


def write_folder(packages: Mapping[str, Files], folder: Path) -> None:
    """Put the packages into `folder`, which appears whole or not at all; one that is there already is kept."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=".draft-", dir=folder.parent))
    try:
        for package_id, files in packages.items():
            for path, blob in files.items():
                file = draft / package_id / path
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(blob)
        draft.chmod(0o755)
        draft.rename(folder)
    except OSError:
        # Another process was quicker: what it wrote has the same name because it is the same.
        if not folder.is_dir():
            raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)
