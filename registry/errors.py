"""What can go wrong, told apart by who can mend it. No text here ever holds a person's data."""


class DancuError(Exception):
    """Root of dancu's own errors."""

    exit_code = 3


class UsageError(DancuError):
    """The caller asked for something that cannot be: exit code 2."""

    exit_code = 2


class SenderError(DancuError):
    """A file is not what was agreed: the sender can mend it. The night goes on without it."""

    exit_code = 2


class PlatformError(DancuError):
    """Something of ours does not work: the operator must act: exit code 3."""


class InvariantBreach(DancuError):
    """An invariant or a publish gate does not hold: exit code 1."""

    exit_code = 1
