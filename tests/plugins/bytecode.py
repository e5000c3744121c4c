"""Keeps compiled modules in a folder of the suite's own where the environment forbids to write them beside the sources.

The suite starts some hundred Python processes. Each that has to compile Django and the project again takes three seconds of
a core more to start, and each worker reads all tests anew. (`-p tests.plugins.bytecode`, before all others.)
"""

from __future__ import annotations

import os
import sys

from ops.local.home import local_home

if sys.dont_write_bytecode:
    # What the environment asks for still holds: nothing is written into the project's folders.
    sys.pycache_prefix = os.environ["PYTHONPYCACHEPREFIX"] = str(local_home("bytecode"))
    sys.dont_write_bytecode = False
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
