"""Whether the person who enrols is there now: a challenge to say and to turn to, and what tells that it was answered."""
