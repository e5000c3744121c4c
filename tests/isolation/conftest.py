"""The world, made once for a module in a database of its own; each test's changes are rolled back."""

from __future__ import annotations

import os
from collections.abc import Generator

import pytest
from django.test import override_settings

from ops.local.databases import copied_database
from tests.isolation.credentials import mint
from tests.isolation.keys import make_keys, make_operators_keys
from tests.isolation.world import TWIN, World, build_world


@pytest.fixture(scope="module")
def world_database(twins_template, django_db_setup, django_db_blocker, tmp_path_factory) -> Generator[World]:
    """A database and a folder of files that hold the world."""
    name = f"stoa_world_{os.urandom(6).hex()}"
    media = str(tmp_path_factory.mktemp("media"))
    with django_db_blocker.unblock(), override_settings(MEDIA_ROOT=media), copied_database(twins_template, name):
        world = build_world()
        world.stolen = mint(world, world.beta)
        world.keys = make_operators_keys(TWIN.email("operator"))
        for tenant in world.twins:
            world.keys |= make_keys(tenant, TWIN)
        yield world


@pytest.fixture
def world(world_database, db) -> World:
    """The world, in a transaction that is rolled back."""
    return world_database
