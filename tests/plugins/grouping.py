"""Keeps the tests of a file together when several processes share the suite, and files of one `xdist_group` as well.

What a module or a session makes once, such as an installation or two clusters, is else made by each of the processes, and
tests that stand on it begin from what another half of their file has left. xdist's own groups are marked in a node's id,
which pytest 9.2 does not let it change: `--dist loadgroup` hands out each test by itself, without a word.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

_GROUP = re.compile(r'xdist_group\("([^"]+)"\)')


class KeptTogether(LoadScopeScheduling):
    """Whoever is free takes the next file or group, as `tests.plugins.order` puts them."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(self.config.rootpath / nodeid.partition("::")[0])


@cache
def group_of(file: Path) -> str:
    """The name of the group that the file says it is of; its own, where it says nothing."""
    found = _GROUP.search(file.read_text(encoding="utf-8"))
    return found[1] if found else str(file)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> KeptTogether | None:
    """For `--dist loadscope`; whatever else was asked for is xdist's own."""
    return KeptTogether(config, log) if config.getvalue("dist") == "loadscope" else None
