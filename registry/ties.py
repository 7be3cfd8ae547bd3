"""Ties: the pairs that make a person of its forms, and those that wait between it and others, with what they weigh."""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from registry.linkage.clusters import NEVER, UNSURE
from registry.linkage.model import LinkageModel

_SAID = ("verdict", "reviewer", "reason", "said_on")


def linkage_of(model: LinkageModel) -> dict[str, Any]:
    """What the weights of pairs are made of: the model's version, its prior and from where on a weight ties."""
    return {
        "model": model.version,
        "prior": round(math.log2(1 / model.population), 2),
        "match_weight": model.match_weight,
        "review_weight": model.review_weight,
        "comparisons": list(model.comparisons),
    }


def ties_of(
    pairs: Sequence[Mapping[str, Any]], person_id: str, model: LinkageModel
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The pairs between a person's forms, and the persons with whom its forms are in pairs that wait for people.

    Args:
        pairs: rows of `person/pairs.sql`: all pairs of the person's forms.
        person_id: the person.
        model: whose comparisons the parts of a weight belong to.

    Returns:
        Ties, the heaviest first: `forms` (both, each with sender, form_no, form_id), `weight` (log2 of the odds that
        they are of one person: the prior and the parts; None where only a reviewer ties them), `parts` (comparison →
        bits), `apart` (plainly two persons), `night` (when the later form came) and `said` (verdict, reviewer, reason,
        said_on of a reviewer's last word, or None).

        Rivals, the heaviest first: `person_id`, `weight`, `is_unsure`, and `pairs`, those that wait, as ties.
    """
    others: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    mine = []
    for pair in pairs:
        other = pair["person_b"] if pair["person_a"] == person_id else pair["person_a"]
        if other == person_id:
            mine.append(_tie(pair, model))
        else:
            others[other].append(pair)
    rivals = [_rival(other, beside, model) for other, beside in others.items() if _is_rival(beside)]
    return mine, sorted(rivals, key=lambda rival: (-rival["weight"], rival["person_id"]))


def _tie(pair: Mapping[str, Any], model: LinkageModel) -> dict[str, Any]:
    forms = [
        {"sender": pair[f"sender_{side}"], "form_no": pair[f"form_no_{side}"], "form_id": pair[f"form_{side}"]}
        for side in "ab"
    ]
    parts = zip(model.comparisons, pair["parts"] or (), strict=pair["parts"] is not None)
    return {
        "forms": forms,
        "weight": pair["weight"],
        "parts": {comparison: round(part, 2) for comparison, part in parts},
        "apart": pair["apart"],
        "night": pair["night"],
        "said": {key: pair[key] for key in _SAID} if pair["verdict"] else None,
    }


def _waits(pair: Mapping[str, Any]) -> bool:
    """The model weighed the pair and nobody has decided on it; the store's function open_pair says the same."""
    return pair["weight"] is not None and not pair["apart"] and pair["verdict"] in (None, UNSURE)


def _is_rival(pairs: Sequence[Mapping[str, Any]]) -> bool:
    kept_apart = any(pair["apart"] or pair["verdict"] == NEVER for pair in pairs)
    return any(_waits(pair) for pair in pairs) and not kept_apart


def _rival(person_id: str, pairs: Sequence[Mapping[str, Any]], model: LinkageModel) -> dict[str, Any]:
    waiting = [pair for pair in pairs if _waits(pair)]
    return {
        "person_id": person_id,
        "weight": round(max(pair["weight"] for pair in waiting), 1),
        "is_unsure": any(pair["verdict"] == UNSURE for pair in waiting),
        "pairs": [_tie(pair, model) for pair in waiting],
    }
