"""`make check`: format, lint, types, contracts, migrations, templates, locks; every step runs, all failures are shown."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from ops.lint.locks import LOCKED, quieten
from ops.local.home import ROOT

_SOURCES = ["platform", "tenants", "shared_apps", "tenant_apps", "provisioning", "themes", "ops"]
_STEPS: list[tuple[str, list[str]]] = [
    ("format", ["ruff", "format", "--check", "--quiet", "."]),
    ("lint", ["ruff", "check", "--quiet", "."]),
    ("doors", ["python", "-m", "ops.lint.doors"]),
    ("e-mails", ["python", "-m", "ops.lint.emails"]),
    ("apps", ["python", "-m", "ops.lint.apps"]),
    ("merges", ["python", "-m", "ops.lint.merges"]),
    ("addresses", ["python", "-m", "ops.lint.locks"]),
    ("types", ["mypy", *_SOURCES]),
    ("contracts", ["lint-imports", "--no-logo"]),
    ("migrations", ["python", "manage.py", "makemigrations", "--check", "--dry-run", "--verbosity=1"]),
    ("fleet", ["python", "-m", "ops.lint.migrations"]),
    ("system", ["python", "manage.py", "check", "--fail-level=WARNING"]),
    ("templates", ["djlint", "--lint", "--quiet", "platform/webui", "shared_apps", "tenant_apps", "provisioning", "themes"]),
    ("template lines", ["python", "-m", "ops.lint.templates"]),
]
_SUMS = ("python", "-m", "pytest", "--quiet", "tests/webui/test_build.py")


def main() -> int:
    """Run every step; 1 when one failed."""
    failed = [name for name, command in _STEPS if not _run(name, command)]
    if not _assets_follow_from_their_sources():
        failed.append("assets")
    if not _locks_are_current():
        failed.append("locks")
    if failed:
        print(f"\ncheck: failed: {', '.join(failed)}")
        return 1
    print("\ncheck: all good")
    return 0


def _run(name: str, command: list[str], **environment: str) -> bool:
    started = time.monotonic()
    program = command[0] if Path(command[0]).is_absolute() else str(Path(sys.executable).parent / command[0])
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings.test", "PYTHONWARNINGS": "ignore"} | environment
    done = subprocess.run([program, *command[1:]], cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    print(f"{'ok  ' if done.returncode == 0 else 'FAIL'} {name} ({time.monotonic() - started:.1f} s)", flush=True)
    if done.returncode != 0:
        print(done.stdout + done.stderr, flush=True)
    return done.returncode == 0


def _assets_follow_from_their_sources() -> bool:
    """Build the stylesheets and modules again and compare them byte by byte; without Node, compare their recorded sums."""
    npm = shutil.which("npm")
    if npm is not None:
        return _run("packages", [npm, "ci", "--silent"]) and _run("assets", [npm, "run", "--silent", "check"])
    print("     assets: no npm here, so nothing is built anew; the sums of sources and built files are compared instead.")
    # Addresses that lead nowhere keep the suite's plugin from starting servers that this test does not need.
    return _run("assets", list(_SUMS), DATABASE_URL="postgresql://none", REDIS_URL="redis://none")


def _locks_are_current() -> bool:
    """Compile the requirements again, from the locked versions, and compare."""
    started = time.monotonic()
    stale = [name for name in LOCKED if not _lock_is_current(name)]
    print(f"{'FAIL' if stale else 'ok  '} locks ({time.monotonic() - started:.1f} s)")
    for name in stale:
        print(f"requirements/{name}.txt does not match {name}.in: run `make lock`.")
    return not stale


def _lock_is_current(name: str) -> bool:
    lock = ROOT / "requirements" / f"{name}.txt"
    with tempfile.TemporaryDirectory() as folder:
        again = Path(folder) / lock.name
        shutil.copy(lock, again)
        done = subprocess.run(lock_command(name, again), cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            print(done.stderr)
        return done.returncode == 0 and again.read_text() == lock.read_text()


def lock_command(name: str, output: Path) -> list[str]:
    """The one way a lock is made: for every platform, with hashes, and without the address of any index."""
    found = shutil.which("uv") or str(ROOT / ".tools" / "bin" / "uv")
    options = ["--generate-hashes", "--no-header", "--no-annotate", "--no-emit-index-url", "--no-emit-find-links", "--quiet"]
    source = [f"requirements/{name}.in", "--output-file", str(output)]
    constraint = [] if name == "base" else ["--constraint", "requirements/base.txt"]
    return [found, "pip", "compile", "--universal", "--python-version=3.12", *options, *source, *constraint]


def lock() -> int:
    """`make lock`: write the locks anew; that of the packages for the look where npm is."""
    for name in LOCKED:
        done = subprocess.run(lock_command(name, ROOT / "requirements" / f"{name}.txt"), cwd=ROOT, check=False)
        if done.returncode != 0:
            return done.returncode
    npm = shutil.which("npm")
    if npm is not None:
        subprocess.run([npm, "install", "--package-lock-only", "--ignore-scripts", "--silent"], cwd=ROOT, check=True)
        quieten()
    return 0


if __name__ == "__main__":
    sys.exit(lock() if "--lock" in sys.argv else main())
