"""The prompt gate: from what a person typed to signals.

``read_prompt`` takes disguises off and keeps a map back to the source; ``fold`` is the one way names are compared. The detectors
are found through ``classifiers.registry``.
"""

from __future__ import annotations

from classifiers.prompt.folding import fold
from classifiers.prompt.normaliser import read_prompt

__all__ = ["fold", "read_prompt"]
