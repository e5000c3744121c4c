"""`platform/` is a folder of packages and never a package: the standard library owns that name."""

import importlib.metadata
import subprocess
import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
SOURCE_ROOT = ROOT / "platform"
OWN_NAMES = {path.name for root in (ROOT, SOURCE_ROOT) for path in root.iterdir() if (path / "__init__.py").exists()}


def test_import_platform_is_the_standard_library():
    script = "import platform; print(platform.__file__)"
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT).stdout

    assert Path(found.strip()).parent == Path(sysconfig.get_path("stdlib"))


def test_no_module_lies_directly_in_the_source_root():
    assert sorted(SOURCE_ROOT.glob("*.py")) == []


def test_our_names_belong_to_nobody_else():
    installed = set(importlib.metadata.packages_distributions()) - {"stoa_platform"}

    assert {
        "config",
        "kernel",
        "webui",
        "integrations",
        "tenants",
        "shared_apps",
        "tenant_apps",
        "provisioning",
        "themes",
    } <= OWN_NAMES
    assert OWN_NAMES & set(sys.stdlib_module_names) == set()
    assert {name for name in OWN_NAMES & installed if _distribution_of(name) != {"stoa-platform"}} == set()


def _distribution_of(name):
    return set(importlib.metadata.packages_distributions()[name])
