"""`python -m ops.manage …`: manage.py in the surroundings of the demo that runs from this folder."""

from __future__ import annotations

import os
import sys

from ops.installation import PYTHON, StartFailed, kept_environment
from ops.local.home import ROOT, local_home


def main() -> None:
    """Become `manage.py` with the same arguments."""
    try:
        environment = kept_environment(local_home("demo"))
    except StartFailed as failure:
        sys.exit(f"manage: {failure}")
    os.chdir(ROOT)
    command = [PYTHON, "manage.py", *sys.argv[1:]]
    os.execve(PYTHON, command, {"LOG_LEVEL": "WARNING"} | dict(os.environ) | environment)  # noqa: S606  # our own interpreter and file


if __name__ == "__main__":
    main()
