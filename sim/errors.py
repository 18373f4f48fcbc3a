"""The errors that csto-sim raises on purpose."""


class CstoSimError(Exception):
    """Base class of every error that csto-sim raises on purpose."""


class InputError(CstoSimError):
    """Invalid input: a file, an option or an expression; commands exit with 2."""
