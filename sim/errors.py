"""What can go wrong in csto-sim, apart from defects."""


class CstoSimError(Exception):
    """Base of every error that csto-sim raises on purpose."""


class InputError(CstoSimError):
    """Input that is refused: a file, an option or an expression; commands exit with 2."""
