"""Make `.venv` with Python 3.12 and the hashed requirements, from nothing but a system Python 3.

Run by every Makefile target, so it must be quick when there is nothing to do: a stamp holds the hash of what
was installed last. It uses only the standard library and runs on Python 3.9 and later.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
TOOLS = ROOT / ".tools"
STAMP = VENV / ".stoa-requirements"
WANTED = (ROOT / ".python-version").read_text().strip()
REQUIREMENTS = ROOT / "requirements" / "dev.txt"


def main() -> int:
    wanted_stamp = _fingerprint()
    if _venv_python().exists() and STAMP.exists() and STAMP.read_text() == wanted_stamp:
        return 0
    uv = _uv()
    if not _venv_python().exists() or not _runs_wanted_version(str(_venv_python())):
        _say(f"making .venv with Python {WANTED}")
        _run([uv, "venv", "--quiet", "--clear", "--python", _interpreter(uv), str(VENV)])
    _say("installing the locked requirements")
    _run([uv, "pip", "sync", "--quiet", "--require-hashes", "--no-build", "--python", str(_venv_python()), str(REQUIREMENTS)])
    # The project itself is the one thing that is built: editable, without its dependencies, by the locked backend.
    _run(
        [
            uv,
            "pip",
            "install",
            "--quiet",
            "--no-deps",
            "--no-build-isolation",
            "--python",
            str(_venv_python()),
            "--editable",
            str(ROOT),
        ],
    )
    STAMP.write_text(wanted_stamp)
    return 0


def _fingerprint() -> str:
    digest = hashlib.sha256()
    for path in (REQUIREMENTS, ROOT / "pyproject.toml", ROOT / ".python-version"):
        digest.update(path.read_bytes())
    digest.update(str(ROOT).encode())
    return digest.hexdigest()


def _venv_python() -> Path:
    return VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def _uv() -> str:
    """The uv on the PATH, else one installed beside the project."""
    found = shutil.which("uv")
    if found:
        return found
    local = TOOLS / ("Scripts/uv.exe" if os.name == "nt" else "bin/uv")
    if local.exists():
        return str(local)
    _say("installing uv beside the project")
    made = subprocess.run([sys.executable, "-m", "venv", str(TOOLS)], capture_output=True, text=True, check=False)
    if made.returncode != 0:
        shutil.rmtree(TOOLS, ignore_errors=True)
        sys.exit(
            "bootstrap: this Python cannot make an environment (on Debian: apt-get install python3-venv), "
            f"and there is no uv on the PATH.\n{made.stdout}{made.stderr}"
        )
    pip = TOOLS / ("Scripts/pip.exe" if os.name == "nt" else "bin/pip")
    _run([str(pip), "install", "--quiet", "--disable-pip-version-check", "uv>=0.9"])
    return str(local)


def _interpreter(uv: str) -> str:
    """A Python of the wanted version: one that runs, wherever it is, else one that uv downloads."""
    for candidate in _candidates():
        if _runs_wanted_version(candidate):
            return candidate
    _say(f"no Python {WANTED} on this machine, asking uv for one")
    done = subprocess.run([uv, "python", "install", WANTED], check=False)
    if done.returncode != 0:
        sys.exit(f"bootstrap: Python {WANTED} is not on this machine, and uv could not download it. Install it and try again.")
    return WANTED


def _candidates() -> list[str]:
    # A pyenv shim answers to `python3.12` on the PATH and then refuses to run it, so pyenv's own folder is asked too.
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    return [
        sys.executable,
        *(path for name in (f"python{WANTED}", "python3", "python") if (path := shutil.which(name))),
        *(str(path) for path in sorted(pyenv.glob(f"{WANTED}*/bin/python"), reverse=True)),
    ]


def _runs_wanted_version(python: str) -> bool:
    script = "import sys; print('%d.%d' % sys.version_info[:2])"
    try:
        done = subprocess.run([python, "-c", script], capture_output=True, text=True, check=False, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0 and done.stdout.strip() == WANTED


def _run(command: list[str]) -> None:
    done = subprocess.run(command, check=False, cwd=ROOT)
    if done.returncode != 0:
        sys.exit(f"bootstrap: failed: {' '.join(command)}")


def _say(message: str) -> None:
    print(f"bootstrap: {message}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
