"""An S3-compatible store for tests, with the settings of a real deployment."""

from __future__ import annotations

import urllib.request
from collections.abc import Generator

import boto3
import pytest
from django.core.files.storage import storages
from moto.server import ThreadedMotoServer

from tenants.storage import TenantS3Storage, prepare_storage


@pytest.fixture(scope="module")
def endpoint() -> Generator[str]:
    """The address of a store of this file's own."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def client(endpoint):
    """The store as its administrator sees it, emptied."""
    urllib.request.urlopen(urllib.request.Request(f"{endpoint}/moto-api/reset", method="POST"), timeout=30).close()
    client = boto3.client(
        "s3", endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id="key", aws_secret_access_key="secret"
    )
    yield client
    client.close()


@pytest.fixture
def configured(settings, endpoint, client):
    """The storage with the settings of `config.settings.production`, its bucket made as `manage.py setup` makes it."""
    options = {
        "bucket_name": "stoa",
        "endpoint_url": endpoint,
        "region_name": "us-east-1",
        "access_key": "key",
        "secret_key": "secret",
        "querystring_expire": 300,
        "file_overwrite": False,
    }
    settings.STORAGES = settings.STORAGES | {"default": {"BACKEND": "tenants.storage.TenantS3Storage", "OPTIONS": options}}
    return options


@pytest.fixture
def store(configured) -> Generator[TenantS3Storage]:
    prepare_storage()
    store = storages["default"]
    yield store
    store.connection.meta.client.close()
