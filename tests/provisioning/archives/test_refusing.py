"""Archives that are not to be believed: each is refused in a sentence, with nothing changed and nothing left behind."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable
from io import BytesIO
from zipfile import ZIP_BZIP2, ZIP_STORED

import pytest
from django.conf import settings

from provisioning.archives import container, errors
from provisioning.archives.manifest import MANIFEST, SIGNATURE
from provisioning.archives.services import import_organization
from provisioning.archives.signing import own_key
from provisioning.models import Run
from provisioning.saga.engine import advance
from provisioning.services import undo_run
from provisioning.types import RunState
from shared_apps.archives.services import distrust_key, trust_key
from tenants.scope import platform_scope
from tests.provisioning.archives.forging import FOREIGN_KEY, foreign, forged, listed, manifest_of, parts_of, zipped
from tests.provisioning.organizations import SYSTEM, again, inventory

pytestmark = pytest.mark.usefixtures("quiet")

_USERS = "tables/accounts_user/000001.copy"


def _order(archive: bytes) -> Run:
    return import_organization(actor=SYSTEM, file=BytesIO(archive), slug="gamma")


def _refused(archive: bytes, kind: type[Exception]) -> str:
    """What is said; and that nothing else happened."""
    before = inventory()

    with pytest.raises(kind) as refusal:
        _order(archive)

    assert inventory() == before
    with platform_scope(reason="test"):
        assert not Run.objects.exists()
    return str(refusal.value)


@pytest.mark.control
def test_the_same_archive_unchanged_is_taken(written):
    """Negative control: what is refused below is refused for what was done to it, not for how it was put together."""
    for archive in (written, forged(written), zipped(parts_of(written), compression=ZIP_STORED)):
        run = _order(archive)
        undo_run(actor=SYSTEM, run_id=run.public_id, confirmed_name="gamma")
        assert advance(run.pk) == RunState.UNDONE


# --- damaged


@pytest.mark.parametrize("kept", [0.01, 0.3, 0.7, 0.99])
def test_one_that_is_cut_off(written, kept):
    assert "Fetch it again" in _refused(written[: int(len(written) * kept)], errors.ArchiveCutOff)


def test_one_that_lacks_its_last_byte(written):
    _refused(written[:-1], errors.ArchiveCutOff)


@pytest.mark.parametrize("content", [b"", b"hello", b"%PDF-1.7\n" * 100])
def test_something_else(content):
    assert "no archive of an organization" in _refused(content, errors.ArchiveNotOne)


def test_somebody_elses_zip():
    assert "no archive of an organization" in _refused(zipped({"files/a.txt": b"hello"}), errors.ArchiveNotOne)


def test_one_whose_bits_were_turned_anywhere(written):
    """Whatever the place: the outside, a member's header, its content, the directory. Those that change no content may pass."""
    chosen = random.Random(20261121)
    survivors = []
    for _ in range(150):
        place, bit = chosen.randrange(len(written)), 1 << chosen.randrange(8)
        broken = bytearray(written)
        broken[place] ^= bit
        if _passes(bytes(broken)):
            survivors.append(bytes(broken))

    # A date, an attribute or a hint for another program: what is read is what was written.
    assert all(parts_of(archive) == parts_of(written) for archive in survivors)
    assert len(survivors) < 40


def _passes(archive: bytes) -> bool:
    from provisioning.archives.reading import opened_archive, verify_archive

    try:
        with opened_archive(BytesIO(archive)) as reader:
            verify_archive(reader)
    except errors.ArchiveRefused:
        return False
    return True


def test_one_part_that_is_another_than_was_signed(written):
    other = parts_of(written)[_USERS].replace(b"owner@", b"thief@", 1)

    assert _USERS in _refused(zipped(parts_of(written) | {_USERS: other}), errors.ArchiveDamaged)


def test_a_part_too_many_or_too_few(written):
    parts = parts_of(written)

    _refused(zipped(parts | {"files/stray.txt": b"hello"}), errors.ArchiveDamaged)
    _refused(zipped({name: content for name, content in parts.items() if name != _USERS}), errors.ArchiveDamaged)


def test_a_table_of_contents_that_lies_about_rows(written):
    def one_more(manifest):
        for table in manifest["tables"]:
            table["rows"] += table["name"] == "accounts_user"

    _refused(forged(written, one_more), errors.ArchiveDamaged)


def test_a_part_that_has_other_rows_than_it_says(written):
    def move_a_row(manifest):
        for member in manifest["members"]:
            if member["rows"] is not None:
                member["rows"] += {_USERS: 1}.get(member["name"], 0)
        for table in manifest["tables"]:
            table["rows"] += table["name"] == "accounts_user"

    assert "another number of rows" in _refused(forged(written, move_a_row), errors.ArchiveDamaged)


@pytest.mark.parametrize(
    "change",
    [
        lambda manifest: manifest.pop("members"),
        lambda manifest: manifest.update(members="all"),
        lambda manifest: manifest.update(sequences={"catalog_category_id_seq": "many"}),
        lambda manifest: manifest.update(sequences={"a; DROP TABLE x": 1}),
        lambda manifest: manifest["settings"].pop("name"),
        lambda manifest: manifest["settings"].update(status="active"),
        lambda manifest: manifest["settings"].update(content=["no", "mapping"]),
        lambda manifest: manifest.update(created_at="yesterday"),
        lambda manifest: manifest["members"].append(manifest["members"][0]),
        lambda manifest: manifest["members"][0].update(size=-1),
        lambda manifest: manifest["members"][0].update(size=True),
        lambda manifest: manifest.update(format="other"),
    ],
)
def test_a_table_of_contents_that_cannot_be_read(written, change):
    _refused(forged(written, change), errors.ArchiveDamaged)


@pytest.mark.parametrize("signature", [b"", b"ed25519 00 00\n", b"rsa " + b"0" * 64 + b" " + b"0" * 128 + b"\n", b"\xff" * 200])
def test_a_signature_that_cannot_be_read(written, signature):
    assert "signature cannot be read" in _refused(forged(written, parts={SIGNATURE: signature}), errors.ArchiveDamaged)


def test_an_entry_that_is_encrypted(written):
    """The flag in the directory is enough: nobody is asked for a password here."""
    start = written.rindex(b"PK\x01\x02")
    broken = bytearray(written)
    broken[start + 8] |= 1

    _refused(bytes(broken), errors.ArchiveDamaged)


def test_one_that_needs_a_zip_of_the_future(written):
    """What its directory asks for is more than Python's reader knows."""
    start = written.rindex(b"PK\x01\x02")
    newer = bytearray(written)
    newer[start + 6] = 99

    assert "cannot be unpacked" in _refused(bytes(newer), errors.ArchiveDamaged)


def test_one_that_is_packed_in_another_way_than_ours(written):
    _refused(zipped(parts_of(written), compression=ZIP_BZIP2), errors.ArchiveDamaged)


# --- by somebody else


def test_one_that_was_signed_elsewhere_until_the_operator_trusts_the_key(written):
    said = _refused(foreign(written), errors.ArchiveUntrusted)
    assert f"archive_keys trust {FOREIGN_KEY}" in said

    trust_key(actor=SYSTEM, key=FOREIGN_KEY.upper(), name="The other one")
    run = _order(foreign(written))
    assert advance(run.pk) == RunState.DONE, again(run).error

    assert distrust_key(actor=SYSTEM, key=FOREIGN_KEY)
    with pytest.raises(errors.ArchiveUntrusted):
        import_organization(actor=SYSTEM, file=BytesIO(foreign(written)), slug="delta")


def test_one_that_names_our_key_and_was_signed_by_another(written):
    signature = parts_of(foreign(written))[SIGNATURE].replace(FOREIGN_KEY.encode(), own_key().encode())

    _refused(zipped(parts_of(foreign(written)) | {SIGNATURE: signature}), errors.ArchiveDamaged)


def test_one_that_was_changed_after_it_was_signed(written):
    changed = parts_of(written)[MANIFEST].replace(b"Twin Market", b"Fake Market")

    assert "changed after it was signed" in _refused(zipped(parts_of(written) | {MANIFEST: changed}), errors.ArchiveDamaged)


def test_an_earlier_key_of_our_own_is_believed_while_it_is_kept_and_no_longer(written, monkeypatch):
    monkeypatch.setattr(settings, "SECRET_KEY", "a new key that is long enough to be the key of an installation")
    _refused(written, errors.ArchiveUntrusted)

    monkeypatch.setattr(settings, "SECRET_KEY_FALLBACKS", ["only-for-tests-and-long-enough-to-be-a-key-of-some-size"])

    assert advance(_order(written).pk) == RunState.DONE


# --- of another version


def test_one_by_a_newer_version(written):
    newer = forged(written, lambda manifest: manifest["migrations"].append("zoo.0001_initial") or _version(manifest))

    assert "newer version (it has “zoo.0001_initial”)" in _refused(newer, errors.ArchiveOfOtherVersion)


def test_one_by_an_older_version(written):
    older = forged(written, lambda manifest: _version(manifest, manifest["migrations"].pop()))

    said = _refused(older, errors.ArchiveOfOtherVersion)
    assert "older version" in said
    assert manifest_of(written)["migrations"][-1] in said


def test_one_of_a_format_that_is_not_known_yet(written):
    _refused(forged(written, lambda manifest: manifest.update(format_version=2)), errors.ArchiveOfOtherVersion)


def test_one_that_carries_other_tables(written):
    _refused(
        forged(written, lambda manifest: manifest["tables"].append({"name": "django_session", "columns": ["a"], "rows": 0})),
        errors.ArchiveOfOtherVersion,
    )


def _version(manifest: dict, _without: str = "") -> None:
    manifest["schema_version"] = "000000000000"


def test_columns_that_are_not_ours_end_the_run(written):
    """Names of columns become SQL: only those that our own tables have ever do."""
    run = _order(forged(written, lambda manifest: manifest["tables"][0]["columns"].reverse()))

    assert advance(run.pk) == RunState.FAILED
    assert "are not those of this version" in again(run).error


# --- bombs


def test_one_that_blows_up_to_more_than_it_can_honestly_hold(written):
    zeros = {"files/zeros.bin": bytes(container._HARMLESS_BYTES)}

    assert "it can honestly hold" in _refused(forged(written, parts=zeros), errors.ArchiveTooBig)


def test_one_that_is_larger_than_is_allowed_here(written, monkeypatch):
    monkeypatch.setattr(settings, "ARCHIVE_MAX_BYTES", 1000)

    _refused(written, errors.ArchiveTooBig)


def test_one_whose_directory_lies_about_sizes_is_stopped_at_what_it_says(written):
    """The reader takes no more from a member than the manifest says, whatever would come out."""
    name = "files/images/more.bin"

    def say_less(manifest):
        manifest["members"].append(listed(name, b"x" * 100))

    _refused(forged(written, say_less, parts={name: b"x" * 1_000_000}), errors.ArchiveDamaged)


def test_members_that_lie_over_each_other(written):
    """Many names for the same bytes: each small, together more than the file."""
    content = random.Random(1).randbytes(20_000)
    file = zipped(parts_of(written) | {f"files/{number}.bin": content for number in range(2)}, compression=ZIP_STORED)
    first = file.index(b"files/0.bin") - 30
    directory = file.rindex(b"files/1.bin") - 46
    overlapping = bytearray(file)
    struct.pack_into("<L", overlapping, directory + 42, first)

    _refused(bytes(overlapping), errors.ArchiveDamaged)


def test_a_directory_that_would_fill_the_memory(written):
    end = bytearray(written[-22:])
    struct.pack_into("<L", end, 12, container._LARGEST_DIRECTORY + 1)

    assert "more parts" in _refused(written[:-22] + bytes(end), errors.ArchiveTooBig)


def test_a_table_of_contents_that_would_fill_the_memory(written, monkeypatch):
    monkeypatch.setattr(container, "_LARGEST_MANIFEST", 100)

    _refused(written, errors.ArchiveTooBig)


# --- names that lead elsewhere

_OUTSIDE = ["files/../../outside.txt", "../outside.txt", "/etc/passwd", "files/a\\..\\b", "C:/x", "files/", "tables/x/./y"]


@pytest.mark.parametrize("name", _OUTSIDE)
def test_a_name_that_leads_elsewhere(written, name):
    _refused(forged(written, parts={name: b"x"}), errors.ArchiveDamaged)


@pytest.mark.parametrize("name", _OUTSIDE)
def test_a_name_that_leads_elsewhere_in_a_signed_table_of_contents(written, name):
    def add(manifest):
        manifest["members"].append(listed(name, b"x"))

    _refused(forged(written, add, parts={name: b"x"}), errors.ArchiveDamaged)


def test_one_name_twice(written):
    with pytest.warns(UserWarning, match="Duplicate name"):
        file = _twice(written)

    _refused(file, errors.ArchiveDamaged)


def _twice(archive: bytes) -> bytes:
    from zipfile import ZipFile

    file = BytesIO(archive)
    with ZipFile(file, "a") as packed:
        packed.writestr(_USERS, b"other rows\n")
    return file.getvalue()


# --- sound, and not for here


@pytest.mark.parametrize(
    ("change", "kind", "words"),
    [
        (lambda chosen: chosen.update(theme_package="elsewhere"), errors.ArchiveDoesNotFit, "not installed here"),
        (lambda chosen: chosen.update(plan_code="gone"), errors.ArchiveDoesNotFit, "no plan “gone”"),
        (lambda chosen: chosen.update(kind="zoo"), errors.Invalid, "Choose one of these"),
        (lambda chosen: chosen.update(currency="SHELLS"), errors.Invalid, "currency"),
    ],
)
def test_one_that_does_not_fit_here(written, change: Callable, kind, words):
    assert words in _refused(forged(written, lambda manifest: change(manifest["settings"])), kind)


def test_a_copy_that_changed_while_it_waited_ends_the_run(written):
    """Read once when it was ordered, once more where the workers are: in between lies a disk."""
    from django.core.files.base import ContentFile
    from django.core.files.storage import default_storage

    run = _order(written)
    with platform_scope(reason="test"):
        name = again(run).request["archive"]
        default_storage.delete(name)
        default_storage.save(name, ContentFile(written[:-1]))

    assert advance(run.pk) == RunState.FAILED
    assert "Fetch it again" in again(run).error
