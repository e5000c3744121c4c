"""Find a Chromium for the browser tests, or bring one: from the PATH, the system's packages, or Playwright's download."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

# The shell is Chromium without a window to draw: the same engine for half the work.
_PACKAGE = "chromium-headless-shell"
_NAMES = (_PACKAGE, "chromium", "chromium-browser", "google-chrome-stable", "google-chrome")


def find_chromium() -> str | None:
    """The program's path: named by CHROMIUM, found on the PATH, or downloaded by Playwright earlier."""
    named = os.environ.get("CHROMIUM")
    if named:
        return named
    for name in _NAMES:
        if found := shutil.which(name):
            return found
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if os.path.exists(path) else None  # noqa: PTH110  # a path that Playwright gives as text


def main() -> int:
    """Install one where none is found. Never fails: the tests that need it say what is missing."""
    if find_chromium():
        return 0
    if os.name != "nt" and os.geteuid() == 0 and shutil.which("apt-get"):
        print("browser: installing Chromium from the system's packages", flush=True)
        subprocess.run(["apt-get", "update", "-qq"], check=False)
        for package in (_PACKAGE, "chromium"):
            subprocess.run(["apt-get", "install", "-y", "-qq", package], check=False, stdout=subprocess.DEVNULL)
            if find_chromium():
                break
    if not find_chromium():
        print("browser: asking Playwright for its own", flush=True)
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
