"""Uploads in an S3-compatible store, as a real deployment keeps them: a prefix per marketplace, links that end."""

from __future__ import annotations

import threading
import urllib.request
from urllib.parse import parse_qs, urlsplit

import pytest
from botocore.exceptions import ClientError
from django.core.files.base import ContentFile

from tenants import storage
from tenants.errors import NoTenant
from tenants.scope import current_tenant, platform_scope, tenant_scope
from tenants.storage import TenantS3Storage, prepare_storage

pytest_plugins = ["tests.factories.object_store"]
NAME = "logos/logo.txt"


def keys(client) -> list[str]:
    return [row["Key"] for row in client.list_objects_v2(Bucket="stoa").get("Contents", [])]


def test_the_bucket_is_made_once(client, store):
    prepare_storage()

    assert [row["Name"] for row in client.list_buckets()["Buckets"]] == ["stoa"]
    assert store.make_bucket() is False


def test_the_bucket_is_made_in_the_region_that_the_settings_name(client, configured):
    storage = TenantS3Storage(**configured | {"region_name": "eu-central-1"})

    made = storage.make_bucket()

    assert made is True
    assert client.get_bucket_location(Bucket="stoa")["LocationConstraint"] == "eu-central-1"


def test_a_store_that_refuses_is_told_of_and_not_taken_for_an_empty_one(store, monkeypatch):
    def refuse(**_):
        raise ClientError({"Error": {"Code": "403"}, "ResponseMetadata": {"HTTPStatusCode": 403}}, "HeadBucket")

    monkeypatch.setattr(store.connection.meta.client, "head_bucket", refuse)

    with pytest.raises(ClientError, match="403"):
        prepare_storage()


def test_twins_keep_files_of_one_name_apart(alpha, beta, client, store):
    for tenant in (alpha, beta):
        with tenant_scope(tenant):
            store.save(NAME, ContentFile(tenant.slug.encode()))
    with platform_scope(reason="test"):
        store.save(NAME, ContentFile(b"platform"))

    read = []
    for tenant in (alpha, beta):
        with tenant_scope(tenant), store.open(NAME) as file:
            read.append(file.read())

    assert read == [b"alpha", b"beta"]
    assert sorted(keys(client)) == sorted(
        [f"t/{alpha.storage_prefix}/{NAME}", f"t/{beta.storage_prefix}/{NAME}", f"platform/{NAME}"]
    )


def test_a_name_that_is_taken_is_not_written_over(alpha, client, store):
    with tenant_scope(alpha):
        first, second = (store.save(NAME, ContentFile(text)) for text in (b"first", b"second"))

        with store.open(first) as file:
            assert file.read() == b"first"

    assert first != second
    assert len(keys(client)) == 2


def test_no_name_leads_out_of_the_marketplaces_own_prefix(alpha, beta, client, store):
    with tenant_scope(alpha), pytest.raises(Exception, match=r"traversal|Joined path"):
        store.save(f"../{beta.storage_prefix}/stolen.txt", ContentFile(b"x"))

    assert keys(client) == []


def test_a_link_opens_the_file_for_five_minutes(alpha, store):
    with tenant_scope(alpha):
        link = store.url(store.save(NAME, ContentFile(b"seen")))

    with urllib.request.urlopen(link, timeout=30) as answer:
        assert answer.read() == b"seen"
    assert parse_qs(urlsplit(link).query)["X-Amz-Expires" if "X-Amz-Expires" in link else "Expires"]


def test_nothing_is_written_outside_of_a_scope(client, store):
    with pytest.raises(NoTenant):
        store.save(NAME, ContentFile(b"x"))

    assert keys(client) == []


def test_a_part_of_a_large_file_is_all_that_is_fetched(alpha, store):
    with tenant_scope(alpha):
        store.save("archives/a.zip", ContentFile(bytes(range(256))))

        part = b"".join(store.read_range("archives/a.zip", 16, 32))

    assert part == bytes(range(16, 32))


def test_a_large_file_is_copied_to_this_machine_to_jump_about_in(alpha, store):
    with tenant_scope(alpha):
        store.save("archives/a.zip", ContentFile(b"begin, middle, end"))

        with store.local_copy("archives/a.zip") as file:
            file.seek(15)
            assert file.read() == b"end"


def test_whoever_fetches_a_large_file_is_told_now_and_then_in_their_own_thread(alpha, store, monkeypatch):
    monkeypatch.setattr(storage, "_TELL_AFTER_BYTES", 100_000)
    told = []
    with tenant_scope(alpha):
        store.save("archives/a.zip", ContentFile(bytes(1_000_000)))

        with store.local_copy("archives/a.zip", tell=lambda: told.append((threading.get_ident(), current_tenant().id))):
            pass

    assert len(told) > 1
    assert set(told) == {(threading.get_ident(), alpha.id)}


def test_a_large_file_that_is_not_there_or_another_marketplaces_is_not_found(alpha, beta, store):
    with tenant_scope(beta):
        store.save("archives/a.zip", ContentFile(b"theirs"))

    with tenant_scope(alpha):
        with pytest.raises(FileNotFoundError):
            store.read_range("archives/a.zip", 0, 3)
        with pytest.raises(FileNotFoundError), store.local_copy("archives/a.zip"):
            pass
