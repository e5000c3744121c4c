"""Find a Caddy for the tests of certificates, or bring one from the system's packages."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys


def find_caddy() -> str | None:
    """The program's path: named by CADDY, or found on the PATH."""
    return os.environ.get("CADDY") or shutil.which("caddy")


def main() -> int:
    """Install one where none is found. Never fails: the tests that need it say what is missing."""
    if find_caddy():
        return 0
    if os.name != "nt" and os.geteuid() == 0 and shutil.which("apt-get"):
        print("caddy: installing it from the system's packages", flush=True)
        subprocess.run(["apt-get", "update", "-qq"], check=False)
        command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "caddy"]
        # The package would start a service of its own on ports 80 and 443: a policy that says no, for this one command.
        subprocess.run(command, check=False, stdout=subprocess.DEVNULL, env=os.environ | {"RUNLEVEL": "1"})
    return 0


if __name__ == "__main__":
    sys.exit(main())
