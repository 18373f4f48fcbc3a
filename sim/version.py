"""The version of csto-sim."""

__version__ = "0.1.0"
