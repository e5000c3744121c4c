"""Locks name no place: neither a registry, nor a package's own page."""

import json

import pytest

from ops.lint.locks import addresses_in, main, quieten

PACKAGE = {
    "version": "5.3.0",
    "resolved": "https://registry.example/font.tgz",
    "integrity": "sha512-abc",
    "funding": {"url": "https://people.example/donate"},
}


@pytest.mark.parametrize(
    "line",
    [
        '      "url": "https://people.example/donate"',
        '      "resolved": "https://registry.example/font.tgz",',
        "--index-url /somewhere",
        "    --extra-index-url http://registry.example/simple",
        "--find-links wheels",
        "font @ file:///somewhere/font.whl",
        "registry=registry.example",
    ],
)
def test_an_address_is_found_with_its_line(tmp_path, line):
    lock = tmp_path / "lock"
    lock.write_text(f"first\n{line}\n")

    (found,) = addresses_in(lock)

    assert found.startswith("lock:2: ")


@pytest.mark.parametrize("line", ["httpx2==2.16.2 \\", "    --hash=sha256:0123abcd", "omit-lockfile-registry-resolved=true"])
def test_versions_and_hashes_are_no_addresses(tmp_path, line):
    lock = tmp_path / "lock"
    lock.write_text(line)

    assert list(addresses_in(lock)) == []


def test_a_quiet_lock_keeps_versions_and_hashes(tmp_path):
    lock = tmp_path / "package-lock.json"
    lock.write_text(json.dumps({"lockfileVersion": 3, "packages": {"node_modules/font": PACKAGE}}))

    quieten(lock)
    quieten(lock)

    assert json.loads(lock.read_text()) == {
        "lockfileVersion": 3,
        "packages": {"node_modules/font": {"version": "5.3.0", "integrity": "sha512-abc"}},
    }
    assert list(addresses_in(lock)) == []


def test_our_own_locks_name_none():
    assert main() == 0
