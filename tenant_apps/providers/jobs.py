"""What is done about pictures in each marketplace (config.jobs)."""

from __future__ import annotations

from dataclasses import dataclass

from kernel.jobs import Job


@dataclass(frozen=True)
class WeighPictures(Job):
    """Note what pictures weigh of which that is not known: those stored before it was noted, or brought by an old archive.

    `after`: behind which row of providers this part begins.
    """

    after: int = 0
