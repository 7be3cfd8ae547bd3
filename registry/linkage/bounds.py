"""Bounds: the most that a pair can weigh, from what is quickly compared.

Most candidates share a name and a place and nothing else. What they come to at best is far below anything that people
would look at, and that is known without comparing texts letter by letter.
"""

import math
from functools import cache

import sqlglot
from sqlglot import exp

from registry.linkage.model import Level, LinkageModel, weight_of

#: Functions that go through texts word by word, or compare every letter with every other, and columns that are short
#: enough for them.
_COSTLY = ("levenshtein", "list_", "string_split")
_SHORT = ("birth", "pid", "known_pid", "card")


def most_weight(model: LinkageModel) -> str:
    """SQL of the most that two rows of the table `compared`, `a` and `b`, can weigh."""
    prior = -math.log2(max(model.population - 1, 1))
    parts = [_most_of(comparison["comparison_levels"]) for comparison in model.settings["comparisons"]]
    return " + ".join([f"{prior}", *parts])


def _most_of(levels: list[Level]) -> str:
    """SQL of the most that a comparison can add: the heaviest of its levels that are not ruled out."""
    unknown = " ".join(f"WHEN {_condition_of(level)} THEN 0" for level in levels if level.get("is_null_level"))
    weighed = sorted((level for level in levels if not level.get("is_null_level")), key=weight_of, reverse=True)
    heaviest = " ".join(f"WHEN {_condition_of(level)} THEN {weight_of(level)}" for level in weighed)
    rare = [f"CASE WHEN {_condition_of(level)} THEN {_of_a_rare_value(level)} END" for level in weighed if _TF in level]
    return f"(CASE {unknown} ELSE greatest({', '.join([f'CASE {heaviest} END', *rare])}) END)"


_TF = "tf_adjustment_column"


def _of_a_rare_value(level: Level) -> str:
    """SQL of what a level weighs where the value that is shared is as rare as it is."""
    column = f"tf_{level[_TF]}"
    share = f"greatest(a.{column}, b.{column}, {level.get('tf_minimum_u_value', 0)})"
    return f"{weight_of(level)} + {level['tf_adjustment_weight']} * log2({level['u_probability']} / {share})"


def _condition_of(level: Level) -> str:
    return _on_a_and_b(level["sql_condition"])


@cache
def _on_a_and_b(stated: str) -> str:
    """A condition on `a` and `b` that holds wherever a level's own, as stated, does; each is read once a process."""
    if stated == "ELSE":
        return "true"
    condition = _relaxed(sqlglot.parse_one(stated, dialect="duckdb"), holds=True)
    for column in list(condition.find_all(exp.Column)):
        column.replace(exp.column(column.name[:-2], table={"_l": "a", "_r": "b"}[column.name[-2:]]))
    return condition.sql(dialect="duckdb")


def _relaxed(condition: exp.Expr, *, holds: bool) -> exp.Expr:
    """The condition with what is costly taken for true, and under a NOT for false."""
    if isinstance(condition, exp.And | exp.Or):
        sides = (_relaxed(side, holds=holds) for side in (condition.left, condition.right))
        return exp.paren(type(condition)(**dict(zip(("this", "expression"), sides, strict=True))))
    if isinstance(condition, exp.Not):
        return exp.Not(this=exp.paren(_relaxed(condition.this, holds=not holds)))
    if isinstance(condition, exp.Paren):
        return exp.paren(_relaxed(condition.this, holds=holds))
    if isinstance(condition, exp.Coalesce):
        return exp.Coalesce(this=_relaxed(condition.this, holds=holds), expressions=condition.expressions)
    if _is_costly(condition):
        return exp.Boolean(this=holds)
    return _without_transpositions(condition) if holds else condition.copy()


def _without_transpositions(condition: exp.Expr) -> exp.Expr:
    """DuckDB counts slips six times as fast where letters that changed places are two of them and not one."""
    if isinstance(condition, exp.LTE) and condition.this.name.lower() == "damerau_levenshtein":
        one, other = condition.this.expressions
        slips = exp.Levenshtein(this=one.copy(), expression=other.copy())
        return exp.LTE(this=slips, expression=exp.Literal.number(2 * int(condition.expression.name)))
    return condition.copy()


def _is_costly(condition: exp.Expr) -> bool:
    text = condition.sql(dialect="duckdb").lower()
    short = all(column.name[:-2] in _SHORT for column in condition.find_all(exp.Column))
    return not short and any(name in text for name in _COSTLY)
