"""No file keeps what a merge left to be decided."""

import subprocess

from ops.local.home import ROOT


def test_no_file_holds_the_marks_of_a_merge():
    marks = ["-e", "^<<<<<<< ", "-e", "^>>>>>>> "]
    found = subprocess.run(["git", "grep", "-nI", *marks], cwd=ROOT, capture_output=True, text=True, check=False)

    assert (found.returncode, found.stdout) == (1, "")
