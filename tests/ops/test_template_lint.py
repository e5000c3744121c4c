"""The rule about long lines of templates."""

from ops.lint.templates import FOLDERS, LONGEST_LINE, check_lines, check_templates
from ops.local.home import ROOT


def test_a_line_that_fits_is_fine_and_one_more_character_is_not():
    fits, too_long = "x" * LONGEST_LINE, "x" * (LONGEST_LINE + 1)

    assert check_lines(f"<p>\n{fits}\n</p>", "page.html") == []
    (found,) = check_lines(f"<p>\n{too_long}\n</p>", "page.html")

    assert str(found).startswith("page.html:2: TPL001 201 characters")


def test_templates_are_found_in_every_folder_that_has_some(tmp_path):
    page = tmp_path / "page.html"
    page.write_text("x" * (LONGEST_LINE + 1))

    assert [found.path for found in check_templates([page])] == [page.as_posix()]
    assert all(any((ROOT / folder).rglob("templates/**/*.html")) for folder in FOLDERS)
