"""Why a file of the protocol is refused: one code each, on both sides (`docs/reference/card-protocol.md`)."""

from enum import StrEnum

from registry.errors import SenderError


class Reason(StrEnum):
    """What is wrong with a manifest, a sealed file, a signature or an answer."""

    # the signature
    UNSIGNED = "unsigned"  # no signature beside the file
    UNREADABLE_SIGNATURE = "unreadable_signature"  # the signature file is not what was agreed
    UNKNOWN_KEY = "unknown_key"
    RETIRED_KEY = "retired_key"
    BAD_SIGNATURE = "bad_signature"  # made with a known key, over other bytes
    # a manifest, or the header of an answer
    TOO_LARGE = "too_large"
    NOT_UTF8 = "not_utf8"
    NOT_JSON = "not_json"
    UNKNOWN_SCHEMA = "unknown_schema"
    MISSING_FIELD = "missing_field"
    BAD_FIELD = "bad_field"  # of another type, or a value that cannot be
    BAD_HEADER = "bad_header"  # fields that contradict each other
    WRONG_CENTRE = "wrong_centre"
    # a batch
    WRONG_SEQUENCE = "wrong_sequence"  # the manifest is of another folder
    GAP = "gap"  # a batch before it is missing
    BROKEN_CHAIN = "broken_chain"  # it does not follow the manifest that was taken before it
    SEALED_DIFFERS = "sealed_differs"
    CANNOT_OPEN = "cannot_open"
    PLAIN_DIFFERS = "plain_differs"
    # lines
    BAD_COUNT = "bad_count"
    BAD_HASH_TOTAL = "bad_hash_total"
    BAD_LINE = "bad_line"
    DOUBLE_LINE = "double_line"
    # how an answer fits the batches and the answers before it
    UNKNOWN_BATCH = "unknown_batch"
    WRONG_MANIFEST = "wrong_manifest"
    SEQUENCE_TAKEN = "sequence_taken"  # another answer had that sequence number


class Refused(SenderError):
    """A file of the protocol is not what was agreed; nothing of it is used.

    Attributes:
        reason: why, for machines.
    """

    def __init__(self, reason: Reason, sentence: str) -> None:
        """Takes the reason, and what happened and who mends it; no value of a dossier is in it."""
        super().__init__(sentence)
        self.reason = reason
