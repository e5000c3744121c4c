"""Reads an archive, ours or another installation's: nothing of it is used before its signature and its outside hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

from django.utils.translation import gettext as _

from provisioning.archives.container import Container, opened_container
from provisioning.archives.errors import ArchiveDamaged
from provisioning.archives.manifest import MANIFEST, SIGNATURE, Manifest, Member
from provisioning.archives.signing import Signature, verify_manifest
from provisioning.archives.versions import require_known_version


@dataclass(frozen=True)
class ArchiveReader:
    """A signed archive of this code's version or one before. The bytes of a member are verified as they are read."""

    manifest: Manifest
    container: Container

    def blocks(self, member: Member) -> Iterator[bytes]:
        """What is in `member`; whoever used what came before an error has to take it back.

        Raises:
            ArchiveDamaged: it is not what was written.
        """
        return self.container.blocks(member)


@contextmanager
def opened_archive(file: IO[bytes]) -> Generator[ArchiveReader]:
    """The archive in `file`, when somebody whom we believe signed it and this code knows its version.

    Raises:
        ArchiveRefused: it is not; each kind has a class of its own and a sentence for people.
    """
    with opened_container(file) as container:
        content = container.small(MANIFEST)
        verify_manifest(content, Signature.from_bytes(container.small(SIGNATURE)))
        manifest = Manifest.from_bytes(content)
        _require_whole(manifest, container)
        require_known_version(manifest)
        yield ArchiveReader(manifest, container)


def verify_archive(reader: ArchiveReader, *, tell: Callable[[], None] = lambda: None) -> None:
    """Read everything once and compare. `tell` is called after each part and each file.

    Raises:
        ArchiveDamaged: something is not what was written.
    """
    for member in reader.manifest.members:
        lines = 0
        for block in reader.blocks(member):
            lines += block.count(b"\n")
        tell()
        if member.rows is not None and lines != member.rows:
            raise ArchiveDamaged(_("“%(name)s” in the archive has another number of rows.") % {"name": member.name})


def _require_whole(manifest: Manifest, container: Container) -> None:
    """Exactly what the manifest lists is there, of the sizes that it says."""
    expected = {member.name: member.size for member in manifest.members}
    found = {name: entry.file_size for name, entry in container.entries.items() if name not in {MANIFEST, SIGNATURE}}
    counted: Counter[str] = Counter()
    for part in manifest.parts():
        counted[part.table] += part.rows or 0
    rows = {table.name: table.rows for table in manifest.tables}
    if expected != found or not counted.keys() <= rows.keys() or any(counted[name] != rows[name] for name in rows):
        raise ArchiveDamaged(_("What is in the archive and what its table of contents lists are not the same."))
