"""What goes into an archive, what stays behind, and that it is of one moment."""

from __future__ import annotations

from io import BytesIO

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection

from provisioning.archives import snapshot, writing
from provisioning.archives.contents import CARRIED, LEFT_BEHIND, REPLACED
from provisioning.archives.errors import NotArchivable
from provisioning.archives.manifest import MANIFEST, SAFE_NAME, SIGNATURE
from provisioning.archives.reading import opened_archive, verify_archive
from provisioning.archives.signing import own_key
from provisioning.archives.writing import Progress, write_archive
from provisioning.errors import NotYet
from provisioning.schemas.catalog import read_catalog
from tenant_apps.catalog.models import Category
from tenants.hosts import context_for
from tenants.models import Tenant
from tenants.schemas import code_schema_version, schema_for
from tenants.scope import platform_scope, schema_scope, tenant_scope
from tests.factories.market import make_category
from tests.factories.tenants import ALPHA_ID
from tests.provisioning.archives.conftest import SECRETS
from tests.provisioning.archives.forging import manifest_of, parts_of

pytestmark = pytest.mark.usefixtures("quiet")

# Columns that sound like secrets and are none, with the reason.
EXAMINED = {
    ("accounts_user", "session_epoch"): "a counter",
    ("bookings_booking", "link_epoch"): "a counter; links are signed by the installation",
    ("notifications_sentmail", "key"): "names what was written about, so that nobody is written to twice",
}
_SOUNDS_SECRET = ("password", "secret", "token", "key", "hash", "session", "epoch", "code", "salt", "otp")


def test_every_table_is_either_carried_or_left_behind_for_a_reason(market):
    tables = {relation.name for relation in read_catalog(market.schema).relations if relation.kind == "r"}

    assert tables == CARRIED | LEFT_BEHIND.keys(), "Add the table to provisioning/archives/contents.py."
    assert not CARRIED & LEFT_BEHIND.keys()


def test_every_column_that_sounds_like_a_secret_was_examined(market):
    columns = {(column.table, column.name) for column in read_catalog(market.schema).columns if column.table in CARRIED}
    suspicious = {(table, name) for table, name in columns if any(word in name for word in _SOUNDS_SECRET)}

    replaced = {(table, name) for table, names in REPLACED.items() for name in names}
    assert replaced <= columns
    assert suspicious - replaced == EXAMINED.keys(), "Replace it in provisioning/archives/contents.py, or say why it is none."


def test_no_secret_leaves_in_any_part(written):
    for name, content in parts_of(written).items():
        for kind, secret in SECRETS.items():
            assert secret.encode() not in content, f"{kind} in {name}"


@pytest.mark.control
def test_the_search_for_secrets_finds_one_that_is_carried(market, monkeypatch):
    """Negative control: with the password's replacement taken away."""
    monkeypatch.setitem(snapshot.REPLACED, "accounts_user", {})

    found = [name for name, content in parts_of(_written(market)).items() if SECRETS["password"].encode() in content]

    assert found == ["tables/accounts_user/000001.copy"]


def test_nothing_of_the_look_alike_is_in_it(written):
    whole = b"\n".join(parts_of(written).values()).lower()

    assert b"canary-alpha-" in whole
    assert b"canary-beta-" not in whole


def test_the_table_of_contents_says_what_is_there(written, market):
    manifest = manifest_of(written)

    assert manifest["organization_id"] == str(ALPHA_ID)
    assert manifest["schema_version"] == code_schema_version()
    assert manifest["settings"]["theme_tokens"] == {"brand": "#0f766e"}
    assert manifest["installation"] == "http://localhost"
    assert parts_of(written)[SIGNATURE].decode().split()[1] == own_key()
    assert sorted(parts_of(written)) == sorted([MANIFEST, SIGNATURE, *(member["name"] for member in manifest["members"])])
    with tenant_scope(market):
        assert {table["name"]: table["rows"] for table in manifest["tables"]}["catalog_category"] == Category.objects.count()


def test_it_reads_back(written):
    with opened_archive(BytesIO(written)) as archive:
        verify_archive(archive)

        assert archive.manifest.row_count > 30
        assert archive.manifest.files()


def test_rows_are_those_of_one_moment_whatever_is_written_meanwhile(market):
    """Categories come after accounts: what is added in between was not there at that moment."""
    with tenant_scope(market):
        before = Category.objects.count()

    def meddle(progress: Progress) -> None:
        if not progress.rows_done:
            with tenant_scope(market):
                make_category("Too late")

    try:
        manifest = write_archive(market, BytesIO(), tell=meddle)
        with tenant_scope(market):
            assert Category.objects.count() == before + 1
    finally:
        with tenant_scope(market):
            Category.objects.filter(name="Too late").delete()

    assert {table.name: table.rows for table in manifest.tables}["catalog_category"] == before


@pytest.mark.control
def test_without_the_snapshot_the_late_row_would_be_in(market, monkeypatch):
    """Negative control: the same at the level at which PostgreSQL looks anew for each statement."""
    monkeypatch.setattr(snapshot, "_BEGIN", "BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY")
    file = BytesIO()

    def meddle(progress: Progress) -> None:
        if not progress.rows_done:
            with tenant_scope(market):
                make_category("Too late")

    try:
        write_archive(market, file, tell=meddle)
    finally:
        with tenant_scope(market):
            Category.objects.filter(name="Too late").delete()

    assert b"Too late" in parts_of(file.getvalue())["tables/catalog_category/000001.copy"]


def test_a_large_table_is_written_in_parts_of_whole_rows(market, monkeypatch):
    monkeypatch.setattr(snapshot, "PART_BYTES", 500)

    archive = _written(market)

    parts = [member for member in manifest_of(archive)["members"] if member["name"].startswith("tables/bookings_booking/")]
    content = parts_of(archive)
    assert len(parts) > 2
    assert all(content[part["name"]].endswith(b"\n") for part in parts)
    assert sum(part["rows"] for part in parts) == sum(content[part["name"]].count(b"\n") for part in parts)


def test_earlier_archives_are_not_in_it(market):
    with tenant_scope(market):
        default_storage.save("archives/older.zip", ContentFile(b"an archive"))
    try:
        names = list(parts_of(_written(market)))
    finally:
        with tenant_scope(market):
            default_storage.delete("archives/older.zip")

    assert not [name for name in names if "archives" in name]
    assert [name for name in names if name.startswith("files/images/")]


def test_a_file_that_is_deleted_meanwhile_is_left_out_and_the_rest_holds(market, monkeypatch):
    monkeypatch.setattr(writing, "files_below", lambda _storage: iter(["images/gone.webp"]))
    file = BytesIO()

    write_archive(market, file, tell=lambda _progress: None)

    with opened_archive(file) as archive:
        verify_archive(archive)
        assert archive.manifest.files() == []


def test_a_schema_that_drifted_is_not_archived(market):
    with schema_scope(market.schema, reason="test"), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE catalog_category ADD COLUMN stray int")
    try:
        with pytest.raises(NotArchivable, match="fleet status"):
            _written(market)
    finally:
        with schema_scope(market.schema, reason="test"), connection.cursor() as cursor:
            cursor.execute("ALTER TABLE catalog_category DROP COLUMN stray")


def test_an_organization_that_the_fleet_has_not_migrated_yet_waits(market):
    with platform_scope(reason="test"):
        Tenant.objects.filter(pk=ALPHA_ID).update(schema_version="older")
    try:
        with pytest.raises(NotYet, match="fleet"):
            _written(context_for(ALPHA_ID))
    finally:
        with platform_scope(reason="test"):
            Tenant.objects.filter(pk=ALPHA_ID).update(schema_version=code_schema_version())


def test_progress_is_told_up_to_the_last_row_and_file(market):
    told: list[Progress] = []

    write_archive(market, BytesIO(), tell=told.append)

    first, last = told[0], told[-1]
    assert (first.rows_done, first.files_done) == (0, 0)
    assert (last.rows_done, last.files_done) == (last.rows_total, last.files_total)
    assert last.rows_total > 30
    assert [progress.rows_done for progress in told] == sorted(progress.rows_done for progress in told)


@pytest.mark.parametrize(
    "name",
    [
        "files/../etc/passwd",
        "files//a",
        "/files/a",
        "files/a/..",
        "tables/x/../../y",
        "files/.hidden",
        "files/a\\b",
        "files/a\x00b",
    ],
)
def test_names_that_lead_elsewhere_are_none_of_ours(name):
    assert SAFE_NAME.fullmatch(name) is None


def _written(tenant) -> bytes:
    file = BytesIO()
    write_archive(tenant, file, tell=lambda _progress: None)
    return file.getvalue()


def test_the_schema_is_read_as_the_organizations_own_role(market):
    """The second wall stands while an archive is written: the reader may see this schema and no other."""
    with snapshot.snapshot_of(market) as still:
        still.cursor.execute("SELECT current_user, has_schema_privilege(%s, 'USAGE')", [schema_for(ALPHA_ID)])

        assert still.cursor.fetchone() == (market.role, True)
