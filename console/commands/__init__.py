"""One file for each command or group. A command reads its options, makes one call to ``streams`` and writes the answer."""
