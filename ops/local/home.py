"""Where local servers keep their files: in STOA_HOME, else beside the project, or under /var/tmp for root (see below)."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


def local_home(purpose: str) -> Path:
    """The folder of the servers for `purpose` ("demo", "test").

    STOA_HOME names the folder above it. Without it: PostgreSQL refuses to run as root, so root runs it as another user,
    who may not be able to enter the project's folder (a clone below a closed home): then the data lives in a folder
    named after the project's path.
    """
    if named := os.environ.get("STOA_HOME"):
        return Path(named).absolute() / purpose
    if os.name != "nt" and os.geteuid() == 0:
        digest = hashlib.sha256(str(ROOT).encode()).hexdigest()[:12]
        return Path("/var/tmp") / f"stoa-{digest}" / purpose  # noqa: S108  # a fixed place is wanted: data is kept between runs
    return ROOT / ".local" / purpose
