"""The linkage model: how much each agreement weighs, from where on two forms are one person, how common names are."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import csv

#: A word or a name that the model does not know is taken to be as rare as this.
RAREST_WORD, RAREST_NAME = 1e-5, 1e-8

#: Words of names: the share of names in which the word stands first, in between, and last.
WORD_SCHEMA = pa.schema([("word", pa.string()), *((place, pa.float64()) for place in ("first", "middle", "last"))])


@dataclass(frozen=True)
class LinkageModel:
    """A version of the model, `config/linkage/model.json` and `words.csv`.

    Attributes:
        version: changes whenever a weight does; a store is resolved with one version.
        population: how many persons the forms may be of; the prior, and how many forms a key is expected to match.
        match_weight: from this weight on (log2 of the odds) two forms are one person.
        review_weight: from this weight on people decide.
        candidates_per_key: most forms that a key may be expected to match; a key of more is narrowed.
        largest_block: most forms that may share a key, whatever was expected.
        settings: Splink's settings: comparisons, their levels, m and u.
        words: `WORD_SCHEMA`.
    """

    version: str
    population: float
    match_weight: float
    review_weight: float
    candidates_per_key: float
    largest_block: int
    settings: dict[str, Any]
    words: pa.Table

    @classmethod
    def load(cls, folder: Path) -> "LinkageModel":
        """Reads the model in `folder`."""
        stated = json.loads((folder / "model.json").read_text(encoding="utf-8"))
        options = csv.ConvertOptions(column_types=WORD_SCHEMA)
        return cls(**stated, words=csv.read_csv(folder / "words.csv", convert_options=options))

    def with_population(self, population: float) -> "LinkageModel":
        """The same model for forms of another number of persons."""
        return LinkageModel(**{**vars(self), "population": population})

    @property
    def comparisons(self) -> tuple[str, ...]:
        """Names of the comparisons, in their order."""
        return tuple(comparison["output_column_name"] for comparison in self.settings["comparisons"])

    @property
    def weight_columns(self) -> list[list[str]]:
        """For each comparison the columns in which Splink leaves its weight: of the level, of how common the value is."""
        return [
            [
                f"mw_{comparison['output_column_name']}",
                *(
                    [f"mw_tf_adj_{comparison['output_column_name']}"]
                    if any("tf_adjustment_column" in level for level in comparison["comparison_levels"])
                    else []
                ),
            ]
            for comparison in self.settings["comparisons"]
        ]
