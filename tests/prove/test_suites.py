"""Every suite is made of marked tests, one of them a negative control at least, and every mark belongs to a suite."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

import pytest

from prove.suites import IDS, SUITES, TESTS, files_of
from tests.plugins.proofs import races_without_control

_MARK = re.compile(r'proves\("([^"]+)"\)')


@pytest.mark.parametrize("name", SUITES)
def test_a_suite_has_tests(name):
    assert files_of(name), f"No test is marked proves({name!r})."


@pytest.mark.parametrize("name", SUITES)
def test_a_suite_has_a_test_in_which_a_guard_is_switched_off(name):
    """Else its green says nothing. `make prove` counts them; this tells of one that lacks them before anybody waits for it."""
    assert [control for file in files_of(name) for control in controls_in(file.read_text(encoding="utf-8"), name)]


@pytest.mark.control
@pytest.mark.parametrize(
    ("marks_of_the_file", "marks_of_the_test", "found"),
    [
        ('proves("faults.fleet")', "control", ["test_it"]),
        ("servers", 'control\n@pytest.mark.proves("faults.fleet")', ["test_it"]),
        ('proves("faults.fleet")', "servers", []),
        ('proves("faults.jobs")', "control", []),
    ],
)
def test_a_control_of_another_suite_is_none_of_this_one(marks_of_the_file, marks_of_the_test, found):
    """Negative control of the test above."""
    text = f"pytestmark = pytest.mark.{marks_of_the_file}\n\n@pytest.mark.{marks_of_the_test}\ndef test_it(): pass\n"

    assert list(controls_in(text, "faults.fleet")) == found


def controls_in(text: str, suite: str) -> Iterator[str]:
    """The tests of a module that are marked as controls, and, by themselves or as all of it are, as this suite's."""
    module = ast.parse(text)
    assigned = [node for node in module.body if isinstance(node, ast.Assign)]
    names = {ast.unparse(target): node.value for node in assigned for target in node.targets}
    of_all = [names["pytestmark"]] if "pytestmark" in names else []
    for test in (node for node in module.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")):
        # A mark may have been given a name of its own.
        marks = [*of_all, *(names.get(ast.unparse(mark), mark) for mark in test.decorator_list)]
        if all(_stands_among(marks, wanted) for wanted in ("pytest.mark.control", f"pytest.mark.proves({suite!r})")):
            yield test.name


def _stands_among(marks: Iterable[ast.expr], wanted: str) -> bool:
    """Also in a list of marks, and as one of a parameter's."""
    return any(ast.unparse(node) == wanted for mark in marks for node in ast.walk(mark) if isinstance(node, ast.expr))


def test_no_test_proves_what_is_not_in_the_report():
    marks = {
        mark for file in TESTS.rglob("test_*.py") if file.parent.name != "prove" for mark in _MARK.findall(file.read_text())
    }

    assert marks == IDS


def test_beside_each_race_there_is_one_with_its_guard_off(request):
    """Of all that this run has collected; `--prove` refuses a suite that has one without."""
    assert races_without_control(request.session.items) == []


class TestChoosing:
    """`--prove` in a folder of its own."""

    @pytest.fixture
    def run(self, pytester):
        pytester.makepyfile("""
            import pytest

            @pytest.mark.proves("races.bookings")
            def test_a_race(): pass

            @pytest.mark.control
            @pytest.mark.proves("races.bookings")
            def test_a_control(): pass

            @pytest.mark.proves("races.plans")
            def test_another_race(): pass

            def test_neither(): pass
        """)
        return lambda *options: pytester.runpytest_inprocess(
            "-p", "tests.plugins.proofs", "-p", "no:randomly", "-p", "no:django", *options
        )

    def test_only_the_marked_tests_run(self, run):
        run("--prove=races.bookings").assert_outcomes(passed=2, deselected=2)

    def test_a_suite_without_tests_is_not_green(self, run):
        assert run("--prove=faults.outbox").ret == pytest.ExitCode.NO_TESTS_COLLECTED

    def test_without_the_option_all_run(self, run):
        run().assert_outcomes(passed=4)

    def test_a_suite_with_a_race_beside_which_no_guard_is_switched_off_is_refused(self, run, pytester):
        """Negative control: a control in another file is none of its own, unless it is named."""
        race = "import pytest\n{}@pytest.mark.proves('races.bookings')\ndef test_it(): pass"
        pytester.makepyfile(test_named=race.format("@pytest.mark.controlled_by('test_named.py::test_it')\n# mark.control\n"))
        pytester.makepyfile(test_alone=race.format(""))

        answer = run("--prove=races.bookings")

        assert answer.ret == pytest.ExitCode.USAGE_ERROR
        answer.stderr.fnmatch_lines(["*No control beside these races (ADR 0005): test_alone.py::test_it"])

    def test_a_mark_that_no_suite_knows_is_refused(self, run, pytester):
        pytester.makepyfile(test_lost="import pytest\n@pytest.mark.proves('races.boats')\ndef test_it(): pass")

        answer = run()

        assert answer.ret == pytest.ExitCode.USAGE_ERROR
        answer.stderr.fnmatch_lines(["*races.boats*"])
