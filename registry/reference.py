"""What words, codes and places mean: loaded once a process, from a folder of values."""

from dataclasses import dataclass
from pathlib import Path

from registry.codes import CodeList, load_code_lists
from registry.places import Gazetteer


@dataclass(frozen=True)
class Reference:
    """The gazetteer and the code lists."""

    gazetteer: Gazetteer
    code_lists: dict[str, CodeList]

    @classmethod
    def load(cls, folder: Path) -> "Reference":
        """Reads `places` and `reference` under `folder`.

        Raises:
            PlatformError: a file is missing or contradicts itself.
        """
        return cls(Gazetteer.open(folder / "places"), load_code_lists(folder / "reference"))
