"""Copies of reserved pictures and clips: candidates found among a million, laid over what was seen, and set in time."""
