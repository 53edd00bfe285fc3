"""``python -m classifiers.prompt.train``: word list, tuned reader and heads from the data in this folder, seeded.

``--heads`` keeps the reader and makes the heads alone, ``--words`` those for the words of clips alone. Tuning takes twenty
minutes on two cores, either kind of heads some five minutes.
Test rows are read only to print the figures at the end.
"""

from __future__ import annotations

import gzip
import sys
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from classifiers.prompt import features, model
from classifiers.prompt.folding import fold
from classifiers.prompt.lexicon import lexicon
from classifiers.prompt.reader.encoder import reader
from classifiers.prompt.training import corpus, figures
from classifiers.prompt.training.augment import augment
from classifiers.prompt.training.fit import Split, fit, matrix
from classifiers.prompt.vocabulary import FILE as WORDS

SEED = 20
#: Times a word must be seen to be listed.
SEEN = 2
#: Texts given to the reader at a time.
PIECE = 2000


def say(line: str) -> None:
    """Progress, for whoever waits."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def write_words(rows: list[corpus.Row]) -> int:
    """The word list of the training rows; hate sets are left out, their disguised spellings are no words."""
    counts: Counter[str] = Counter()
    for row in rows:
        if not row.test and row.source not in ("hatecheck", "neuralchemy", "inthewild"):
            counts.update(w for w in fold(row.text).split() if w.isalpha() and (len(w) > 1 or w in "aiyou"))
    lines = [f"{word} {count}" for word, count in sorted(counts.items()) if count >= SEEN]
    with WORDS.open("wb") as raw, gzip.GzipFile(filename="", fileobj=raw, mode="wb", mtime=0) as out:
        out.write("\n".join(lines).encode())
    return len(lines)


def see(rows: Sequence[corpus.Row]) -> Split:
    """What both judges see of ``rows``."""
    texts = [row.text.lower() for row in rows]  # the heads read the plain reading, which is lower case
    seen, _ = features.extract(texts)
    pieces = [texts[i : i + PIECE] for i in range(0, len(texts), PIECE)]
    vectors = []
    with ThreadPoolExecutor(2) as threads:
        for vector in threads.map(reader().embed, pieces):
            vectors.append(vector)
            say(f"read {sum(map(len, vectors))} of {len(texts)}")
    return Split(rows, matrix(seen), np.concatenate(vectors))


def main(arguments: Sequence[str] = ()) -> None:
    """Read, tune, fit, calibrate, write, and print the figures on what was held out."""
    lexicon()
    words = "--words" in arguments
    rows = corpus.rows(SEED, spoken=words)
    training, calibration = corpus.split(rows)
    say(f"{len(rows)} rows, {len(training)} for training" + ("" if words else f"; {write_words(rows)} words"))
    training += augment(training, SEED)
    if "--heads" not in arguments and not words:
        from classifiers.prompt.training.tune import keep, tune  # torch is only needed here

        keep(tune(training, SEED, say))
        reader.cache_clear()
    model.write(fit(see(training), see(calibration), say), words)
    for line in figures.report([*(row for row in rows if row.test), *corpus.unseen(), *corpus.public()], words):
        say(line)


if __name__ == "__main__":
    main(sys.argv[1:])
