"""A production centre to test against: it acts by the written protocol alone, on its own keys and folders."""
