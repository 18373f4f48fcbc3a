"""The resources of the machine that this process may use."""

import os


def processors() -> int:
    """Return the number of processors that this process may use, 1 or more."""
    if hasattr(os, "sched_getaffinity"):
        return max(1, len(os.sched_getaffinity(0)))
    return max(1, os.cpu_count() or 1)
