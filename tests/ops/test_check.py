"""`make check` on a machine that has only Python and git."""

from __future__ import annotations

import shutil

import pytest

from ops import check


@pytest.fixture
def without_npm(monkeypatch):
    found = shutil.which
    monkeypatch.setattr(shutil, "which", lambda name: None if name == "npm" else found(name))


def test_without_npm_the_recorded_sums_are_compared_and_the_output_says_so(without_npm, capsys):
    passed = check._assets_follow_from_their_sources()

    said = capsys.readouterr().out
    assert passed
    assert "no npm here" in said
    assert "ok   assets" in said


def test_without_npm_sums_that_differ_fail_the_check(without_npm, monkeypatch, capsys):
    monkeypatch.setattr(check, "_SUMS", ("python", "-c", "raise SystemExit('built files are not edited by hand')"))

    passed = check._assets_follow_from_their_sources()

    assert not passed
    assert "built files are not edited by hand" in capsys.readouterr().out


def test_with_npm_they_are_built_anew(monkeypatch):
    ran: list[tuple[str, ...]] = []
    monkeypatch.setattr(shutil, "which", lambda _name: "/bin/npm")
    monkeypatch.setattr(check, "_run", lambda _name, command, **_: bool(ran.append(tuple(command[1:])) or True))

    assert check._assets_follow_from_their_sources()
    assert ran == [("ci", "--silent"), ("run", "--silent", "check")]
