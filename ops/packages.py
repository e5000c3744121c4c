"""Programs that some tests need beside Python's: found on the machine, or brought from the system's packages."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

# Where Debian keeps what only administrators are expected to start.
_ALSO_IN = "/usr/sbin"


def find_program(name: str) -> str | None:
    """The program's path: named by an environment variable like it (CADDY), or found on the PATH."""
    return os.environ.get(name.upper()) or shutil.which(name) or shutil.which(name, path=_ALSO_IN)


def main() -> int:
    """Bring each program that is named."""
    for name in sys.argv[1:]:
        bring_program(name)
    return 0


def bring_program(name: str) -> None:
    """Install the package of this name where the program is not found. Never fails: who needs it says what is missing."""
    if find_program(name) or os.name == "nt" or os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    print(f"{name}: installing it from the system's packages", flush=True)
    subprocess.run(["apt-get", "update", "-qq"], check=False)
    command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", name]
    # The package would start a service of its own, on a port that may be taken: a policy that says no, for this one command.
    subprocess.run(command, check=False, stdout=subprocess.DEVNULL, env=os.environ | {"RUNLEVEL": "1"})


if __name__ == "__main__":
    sys.exit(main())
