"""How far each place is: counts of a night by commune, targets, and what the two come to."""


def reached(count: int, target: int) -> str:
    """The share of a target, cut and not rounded: 100 % is said when it is reached, and 108 % when it is exceeded."""
    thousandths = 1000 * count // target
    return f"{thousandths / 10:.1f}".removesuffix(".0") + " %"
