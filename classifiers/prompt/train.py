"""``python -m classifiers.prompt.train``: the heads and the word list, from the data in this folder, the same every time.

Takes about four minutes on one core. Test rows are never read here except to print the figures at the end.
"""

from __future__ import annotations

import gzip
import sys
from collections import Counter

import numpy as np

from classifiers.prompt import features
from classifiers.prompt.folding import fold
from classifiers.prompt.labels import ROWS
from classifiers.prompt.lexicon import lexicon
from classifiers.prompt.model import FILE, heads
from classifiers.prompt.training import corpus, figures
from classifiers.prompt.training.fit import fit, matrix
from classifiers.prompt.vocabulary import FILE as WORDS

SEED = 20
#: Times a word must be seen to be listed, and in how many sets' rows counted alike.
SEEN = 2


def say(line: str) -> None:
    """Progress, for whoever waits."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def write_words(rows: list[corpus.Row]) -> int:
    """The word list of the training rows; hate sets are left out, their disguised spellings are no words."""
    counts: Counter[str] = Counter()
    for row in rows:
        if not row.test and row.source != "hatecheck":
            counts.update(w for w in fold(row.text).split() if w.isalpha() and (len(w) > 1 or w in "aiyou"))
    lines = [f"{word} {count}" for word, count in sorted(counts.items()) if count >= SEEN]
    with WORDS.open("wb") as raw, gzip.GzipFile(filename="", fileobj=raw, mode="wb", mtime=0) as out:
        out.write("\n".join(lines).encode())
    return len(lines)


def main() -> None:
    """Read, fit, calibrate, write, and print the figures on what was held out."""
    lexicon()
    rows = corpus.rows(SEED)
    training = [row for row in rows if not row.test]
    say(f"{len(rows)} rows, {len(training)} for training; {write_words(rows)} words")
    x = matrix(features.extract([fold_case(row.text) for row in training]))
    say("features ready")
    fitted = [fit(label, training, x, say) for label in ROWS]
    with FILE.open("wb") as out:
        np.savez_compressed(
            out,
            version=np.int64(features.VERSION),
            labels=np.array(ROWS),
            weights=np.stack([f.weights for f in fitted]).astype(np.float16),
            bias=np.array([f.bias for f in fitted]),
            slope=np.array([f.slope for f in fitted]),
            offset=np.array([f.offset for f in fitted]),
        )
    heads.cache_clear()
    for line in figures.report([row for row in rows if row.test]):
        say(line)


def fold_case(text: str) -> str:
    """The heads read the plain reading, which is lower case."""
    return text.lower()


if __name__ == "__main__":
    main()
