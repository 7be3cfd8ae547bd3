"""Cards: what is printed, what becomes of each, and what the production centre is told and says."""
