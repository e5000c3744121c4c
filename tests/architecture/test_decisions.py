"""Decisions are numbered without a gap, say whether they hold, and are all in the index."""

from ops.local.home import ROOT

FOLDER = ROOT / "docs" / "adr"
DECISIONS = sorted(FOLDER.glob("[0-9]*.md"))


def test_numbers_have_no_gap_and_none_is_given_twice():
    assert [path.name[:4] for path in DECISIONS] == [f"{number:04}" for number in range(1, len(DECISIONS) + 1)]


def test_each_has_its_number_in_the_title_and_a_status():
    for path in DECISIONS:
        lines = path.read_text().splitlines()
        assert lines[0].startswith(f"# {path.name[:4]} ")
        assert lines[2].startswith("Status: ")


def test_the_index_has_them_all_in_their_order():
    listed = [line for line in (FOLDER / "README.md").read_text().splitlines() if line.startswith("- ")]

    assert listed == [f"- [{path.read_text().splitlines()[0][2:]}]({path.name})" for path in DECISIONS]
