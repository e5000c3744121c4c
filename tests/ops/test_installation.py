"""What an installation keeps between two runs."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from ops.installation import _kept_secret


def test_the_key_is_made_once_and_for_its_owner_only(tmp_path):
    made = _kept_secret(tmp_path)

    assert len(made) >= 48
    assert _kept_secret(tmp_path) == made
    assert [path.name for path in tmp_path.iterdir()] == ["secret-key"]
    assert stat.S_IMODE((tmp_path / "secret-key").stat().st_mode) == 0o600


def test_a_run_that_ends_while_it_writes_leaves_no_half_key(tmp_path, monkeypatch):
    def write_a_part(path: Path, _text: str) -> None:
        with path.open("w") as file:
            file.write("half")
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Path, "write_text", write_a_part)
        with pytest.raises(KeyboardInterrupt):
            _kept_secret(tmp_path)

    assert not (tmp_path / "secret-key").exists()
    assert len(_kept_secret(tmp_path)) >= 48


def test_an_empty_key_of_an_earlier_version_is_made_anew(tmp_path):
    (tmp_path / "secret-key").touch()

    assert len(_kept_secret(tmp_path)) >= 48
