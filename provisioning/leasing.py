"""What every lease in provisioning is: whose it is, and for how long."""

from __future__ import annotations

import os
import socket
import threading

from django.conf import settings

_LONGEST_NAME = 120


def lease_seconds() -> int:
    """How long a worker has until others may look whether it is still there."""
    return int(settings.PROVISIONING_LEASE_SECONDS)


def worker_name() -> str:
    """This thread of this process, for people who look who is at something."""
    return f"{socket.gethostname()}:{os.getpid()}:{threading.current_thread().name}"[:_LONGEST_NAME]
