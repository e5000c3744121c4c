"""The demo on one machine: real servers from wheels, a local mailbox, nothing switched off."""

from config.settings.base import *  # noqa: F403  # settings are star-imported by design

DEMO = True
