"""Archives that are not to be believed: each is refused in a sentence, with nothing changed and nothing left behind."""

from __future__ import annotations

import random
from collections.abc import Callable
from io import BytesIO
from zipfile import ZIP_BZIP2, ZIP_STORED

import pytest
from django.conf import settings

from provisioning.archives import errors
from provisioning.archives.manifest import MANIFEST, SIGNATURE
from provisioning.archives.services import import_organization
from provisioning.archives.signing import own_key
from provisioning.saga.engine import advance
from provisioning.services import undo_run
from provisioning.types import RunState
from shared_apps.archives.services import distrust_key, trust_key
from tests.provisioning.archives.forging import FOREIGN_KEY, foreign, forged, parts_of, zipped
from tests.provisioning.archives.refusing import USERS, order, refused
from tests.provisioning.organizations import SYSTEM, again

pytestmark = pytest.mark.usefixtures("quiet")


@pytest.mark.control
def test_the_same_archive_unchanged_is_taken(written):
    """Negative control: what is refused below is refused for what was done to it, not for how it was put together."""
    for archive in (written, forged(written), zipped(parts_of(written), compression=ZIP_STORED)):
        run = order(archive)
        undo_run(actor=SYSTEM, run_id=run.public_id, confirmed_name="gamma")
        assert advance(run.pk) == RunState.UNDONE


# --- damaged


@pytest.mark.parametrize("kept", [0.01, 0.3, 0.7, 0.99])
def test_one_that_is_cut_off(written, kept):
    assert "Fetch it again" in refused(written[: int(len(written) * kept)], errors.ArchiveCutOff)


def test_one_that_lacks_its_last_byte(written):
    refused(written[:-1], errors.ArchiveCutOff)


@pytest.mark.parametrize("content", [b"", b"hello", b"%PDF-1.7\n" * 100])
def test_something_else(content):
    assert "no archive of an organization" in refused(content, errors.ArchiveNotOne)


def test_somebody_elses_zip():
    assert "no archive of an organization" in refused(zipped({"files/a.txt": b"hello"}), errors.ArchiveNotOne)


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
    other = parts_of(written)[USERS].replace(b"owner@", b"thief@", 1)

    assert USERS in refused(zipped(parts_of(written) | {USERS: other}), errors.ArchiveDamaged)


def test_a_part_too_many_or_too_few(written):
    parts = parts_of(written)

    for other in (parts | {"files/stray.txt": b"hello"}, {name: content for name, content in parts.items() if name != USERS}):
        assert "are not the same" in refused(zipped(other), errors.ArchiveDamaged)


def test_a_table_of_contents_that_lies_about_rows(written):
    def one_more(manifest):
        for table in manifest["tables"]:
            table["rows"] += table["name"] == "accounts_user"

    refused(forged(written, one_more), errors.ArchiveDamaged)


def test_a_part_that_has_other_rows_than_it_says(written):
    def move_a_row(manifest):
        for member in manifest["members"]:
            if member["rows"] is not None:
                member["rows"] += {USERS: 1}.get(member["name"], 0)
        for table in manifest["tables"]:
            table["rows"] += table["name"] == "accounts_user"

    assert "another number of rows" in refused(forged(written, move_a_row), errors.ArchiveDamaged)


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
    refused(forged(written, change), errors.ArchiveDamaged)


@pytest.mark.parametrize("signature", [b"", b"ed25519 00 00\n", b"rsa " + b"0" * 64 + b" " + b"0" * 128 + b"\n", b"\xff" * 200])
def test_a_signature_that_cannot_be_read(written, signature):
    assert "signature cannot be read" in refused(forged(written, parts={SIGNATURE: signature}), errors.ArchiveDamaged)


def test_an_entry_that_is_encrypted(written):
    """The flag in the directory is enough: nobody is asked for a password here."""
    start = written.rindex(b"PK\x01\x02")
    broken = bytearray(written)
    broken[start + 8] |= 1

    refused(bytes(broken), errors.ArchiveDamaged)


def test_one_that_needs_a_zip_of_the_future(written):
    """What its directory asks for is more than Python's reader knows."""
    start = written.rindex(b"PK\x01\x02")
    newer = bytearray(written)
    newer[start + 6] = 99

    assert "cannot be unpacked" in refused(bytes(newer), errors.ArchiveDamaged)


def test_one_that_is_packed_in_another_way_than_ours(written):
    refused(zipped(parts_of(written), compression=ZIP_BZIP2), errors.ArchiveDamaged)


# --- by somebody else


def test_one_that_was_signed_elsewhere_until_the_operator_trusts_the_key(written):
    said = refused(foreign(written), errors.ArchiveUntrusted)
    assert f"archive_keys trust {FOREIGN_KEY}" in said

    trust_key(actor=SYSTEM, key=FOREIGN_KEY.upper(), name="The other one")
    run = order(foreign(written))
    assert advance(run.pk) == RunState.DONE, again(run).error

    assert distrust_key(actor=SYSTEM, key=FOREIGN_KEY)
    with pytest.raises(errors.ArchiveUntrusted):
        import_organization(actor=SYSTEM, file=BytesIO(foreign(written)), slug="delta")


def test_one_that_names_our_key_and_was_signed_by_another(written):
    signature = parts_of(foreign(written))[SIGNATURE].replace(FOREIGN_KEY.encode(), own_key().encode())

    refused(zipped(parts_of(foreign(written)) | {SIGNATURE: signature}), errors.ArchiveDamaged)


def test_one_that_was_changed_after_it_was_signed(written):
    changed = parts_of(written)[MANIFEST].replace(b"Twin Market", b"Fake Market")

    assert "changed after it was signed" in refused(zipped(parts_of(written) | {MANIFEST: changed}), errors.ArchiveDamaged)


def test_an_earlier_key_of_our_own_is_believed_while_it_is_kept_and_no_longer(written, monkeypatch):
    monkeypatch.setattr(settings, "SECRET_KEY", "a new key that is long enough to be the key of an installation")
    refused(written, errors.ArchiveUntrusted)

    monkeypatch.setattr(settings, "SECRET_KEY_FALLBACKS", ["only-for-tests-and-long-enough-to-be-a-key-of-some-size"])

    assert advance(order(written).pk) == RunState.DONE


# --- of another version


def test_one_by_a_newer_version(written):
    newer = forged(written, lambda manifest: manifest["migrations"].append("zoo.0001_initial") or _version(manifest))

    assert "newer version (it has “zoo.0001_initial”)" in refused(newer, errors.ArchiveOfOtherVersion)


def test_one_of_a_format_that_is_not_known_yet(written):
    refused(forged(written, lambda manifest: manifest.update(format_version=2)), errors.ArchiveOfOtherVersion)


def test_one_that_carries_other_tables(written):
    refused(
        forged(written, lambda manifest: manifest["tables"].append({"name": "django_session", "columns": ["a"], "rows": 0})),
        errors.ArchiveOfOtherVersion,
    )


def _version(manifest: dict, _without: str = "") -> None:
    manifest["schema_version"] = "000000000000"


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
    assert words in refused(forged(written, lambda manifest: change(manifest["settings"])), kind)
