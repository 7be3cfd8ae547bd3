"""How the centre is told to behave badly, or like a busy one."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Faults:
    """Faults of one run. Shares are from 0 to 1, and who is hit is the same for the same seed.

    Attributes:
        seed: chooses who is hit.
        silent: nothing is taken and nothing sent.
        slow: runs by which answers to the batches of this run lag.
        partial: share of a batch that is answered now, the rest a run later.
        double: each answer is sent twice, also under another name.
        wrong_signature: what is sent is signed wrongly; a run without this fault sends it again rightly.
        reject: share of dossiers that are rejected.
        qc_fail: share of cards that fail quality control, and are made again a run later.
    """

    seed: int = 0
    silent: bool = False
    slow: int = 0
    partial: float = 1.0
    double: bool = False
    wrong_signature: bool = False
    reject: float = 0.0
    qc_fail: float = 0.0
