"""The linkage model: how much each agreement weighs, from where on two forms are one person, how common names are."""

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import csv

from registry.errors import PlatformError

#: A word or a name that the model does not know is taken to be as rare as this.
RAREST_WORD, RAREST_NAME = 1e-5, 1e-8

#: Words of names: the share of names in which the word stands first, in between, and last.
WORD_SCHEMA = pa.schema([("word", pa.string()), *((place, pa.float64()) for place in ("first", "middle", "last"))])

Level = dict[str, Any]
#: Of a comparison and the label of its level: the least and the most that training may let it weigh, in bits.
Bounds = Mapping[str, Mapping[str, tuple[float, float]]]


@dataclass(frozen=True)
class LinkageModel:
    """A version of the model, `config/linkage/model.json` and `words.csv`.

    Attributes:
        version: changes whenever a weight does; a store is resolved with one version.
        day: when it was made, ISO 8601.
        trained_on: what it was trained on, in numbers and in words that name no data.
        population: how many persons the forms may be of; the prior, and how many forms a key is expected to match.
        match_weight: from this weight on (log2 of the odds) two forms are one person.
        review_weight: from this weight on people decide.
        candidates_per_key: most forms that a key may be expected to match; a key of more is narrowed.
        largest_block: most forms that may share a key, whatever was expected.
        bounds: what training may make of a level's weight.
        settings: Splink's settings: comparisons, their levels, m and u.
        words: `WORD_SCHEMA`.
    """

    version: str
    day: str
    trained_on: Mapping[str, Any]
    population: float
    match_weight: float
    review_weight: float
    candidates_per_key: float
    largest_block: int
    bounds: Bounds
    settings: dict[str, Any]
    words: pa.Table

    @classmethod
    def load(cls, folder: Path) -> "LinkageModel":
        """Reads the model in `folder`.

        Raises:
            PlatformError: a file is missing, or is no model that can be worked with.
        """
        try:
            stated = json.loads((folder / "model.json").read_text(encoding="utf-8"))
            options = csv.ConvertOptions(column_types=WORD_SCHEMA)
            words = csv.read_csv(folder / "words.csv", convert_options=options).select(WORD_SCHEMA.names)
        except (OSError, ValueError, KeyError) as error:
            raise PlatformError(f"The linkage model cannot be read ({type(error).__name__}); restore it.") from None
        names = set(cls.__dataclass_fields__) - {"words"}
        if not isinstance(stated, dict) or stated.keys() != names:
            raise PlatformError(f"The linkage model does not have exactly these parts: {', '.join(sorted(names))}.")
        model = cls(**stated, words=words)
        if faults := list(model.faults()):
            raise PlatformError(f"The linkage model cannot be used: {'; '.join(faults)}.")
        return model

    def save(self, folder: Path) -> None:
        """Writes the two files of the model to `folder`."""
        folder.mkdir(parents=True, exist_ok=True)
        stated = {name: getattr(self, name) for name in self.__dataclass_fields__ if name != "words"}
        (folder / "model.json").write_text(json.dumps(stated, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        csv.write_csv(self.words, folder / "words.csv", csv.WriteOptions(quoting_style="needed"))

    def faults(self) -> Iterator[str]:
        """What is wrong with the model, if anything."""
        if not self.review_weight < self.match_weight:
            yield "review_weight is not below match_weight"
        if min(self.population, self.candidates_per_key, self.largest_block) < 1:
            yield "population, candidates_per_key and largest_block are not all at least 1"
        for name, level in self.levels():
            yield from _faults_of(name, level, self.bounds)
        for comparison in self.settings.get("comparisons", []):
            conditions = [level.get("sql_condition") for level in comparison.get("comparison_levels", [])]
            if conditions.count("ELSE") != 1 or conditions[-1] != "ELSE":
                yield f"{comparison.get('output_column_name')}: its last level, and no other, has to be ELSE"
        if not self.words.num_rows or not all(0 <= share <= 1 for share in _shares(self.words)):
            yield "the shares of words are not all between 0 and 1"

    def levels(self) -> Iterator[tuple[str, Level]]:
        """Every level that weighs something, with the name of its comparison."""
        for comparison in self.settings.get("comparisons", []):
            for level in comparison.get("comparison_levels", []):
                if not level.get("is_null_level"):
                    yield comparison["output_column_name"], level

    def with_population(self, population: float) -> "LinkageModel":
        """The same model for forms of another number of persons."""
        return replace(self, population=population)

    @property
    def comparisons(self) -> tuple[str, ...]:
        """Names of the comparisons, in their order."""
        return tuple(comparison["output_column_name"] for comparison in self.settings["comparisons"])

    @property
    def weight_columns(self) -> list[list[str]]:
        """For each comparison the columns of its weight in Splink's answer: of the level, of how common a value is."""
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


def weight_of(level: Level) -> float:
    """What a level weighs: log2 of m over u."""
    return math.log2(level["m_probability"] / level["u_probability"])


def _faults_of(name: str, level: Level, bounds: Bounds) -> Iterator[str]:
    label = level.get("label_for_charts", "a level without a label")
    shares = [level.get(f"{letter}_probability") for letter in "mu"]
    if not level.get("sql_condition") or not all(isinstance(share, float) and 0 < share < 1 for share in shares):
        yield f"{name}, {label}: a condition, and m and u between 0 and 1 are needed"
        return
    low, high = bounds.get(name, {}).get(label, (math.inf, -math.inf))
    if not low - _ROUNDING <= weight_of(level) <= high + _ROUNDING:
        yield f"{name}, {label}: weighs {weight_of(level):.2f}, which is not within its bounds"


#: m and u are written with six digits.
_ROUNDING = 0.001


def _shares(words: pa.Table) -> list[float]:
    return [share for place in WORD_SCHEMA.names[1:] for share in words[place].to_pylist()]
