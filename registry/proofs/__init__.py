"""Proofs: the invariants, counted again from files and tables."""
