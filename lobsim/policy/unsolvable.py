"""What a solver says of a problem that it cannot solve: its asker's to mend."""


class UnsolvableError(ValueError):
    """A problem with numbers that make no sense, without an answer, or too large for one."""
