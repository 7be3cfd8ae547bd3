UPDATE file SET left_landing = true WHERE key = ANY(:keys) AND NOT left_landing
