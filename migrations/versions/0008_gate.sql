-- The publish gate of a load.

ALTER TABLE load ADD COLUMN linkage jsonb; -- counts of its linkage, and the rules that held it; null before there was a gate
