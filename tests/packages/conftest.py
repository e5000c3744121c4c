"""What tests of theme packages' versions share with those of the themes themselves."""

from tests.themes.conftest import packages_folder

__all__ = ["packages_folder"]
