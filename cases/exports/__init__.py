"""Files people take away: given rows, never asking for them."""
