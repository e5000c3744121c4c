"""No file is committed in the middle of a merge."""

import pytest

from ops.lint.merges import main, marks_in


@pytest.mark.parametrize("mark", ["<" * 7 + " HEAD", ">" * 7 + " main", "|" * 7 + " base", "=" * 7, ">" * 7])
def test_a_mark_of_a_conflict_is_found_with_its_line(tmp_path, mark):
    page = tmp_path / "deploy.md"
    page.write_text(f"first\n{mark}\nlast\n")

    (found,) = marks_in(page)

    assert found.startswith("deploy.md:2: ")


@pytest.mark.parametrize("line", ["=" * 8, "  " + "<" * 7 + " HEAD", "a " + "=" * 7, ">>> quoted", "<" * 7 + "html"])
def test_other_lines_are_no_marks(tmp_path, line):
    page = tmp_path / "page.md"
    page.write_text(f"{line}\n")

    assert list(marks_in(page)) == []


def test_what_is_no_text_has_none(tmp_path):
    picture = tmp_path / "picture.png"
    picture.write_bytes(b"\x89PNG\xff\n" + b"<" * 7 + b" HEAD\n")

    assert list(marks_in(picture)) == []
    assert list(marks_in(tmp_path / "missing")) == []


def test_our_own_files_have_none():
    assert main() == 0
