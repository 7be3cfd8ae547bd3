"""How far each place is: counts of a night by commune, targets, and what the two come to."""
