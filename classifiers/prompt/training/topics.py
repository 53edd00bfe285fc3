"""``python -m classifiers.prompt.training.topics``: the heads of topics and their watch, from the data in this folder, seeded.

Some five minutes on one core. What is held out is read only to print the figures at the end.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from classifiers.prompt import features
from classifiers.prompt.embedding import encoder
from classifiers.prompt.topic_heads import TOPICS, TopicHeads, write
from classifiers.prompt.training import topics_corpus as corpus
from classifiers.prompt.training.corpus import Row
from classifiers.prompt.training.fit import matrix

SEED = 20
#: Inverse regularisation of the heads (chosen on held-out families) and of the watch.
STRENGTH, WATCH_STRENGTH = 0.005, 0.1
#: Length given to the encoder's unit vectors for fitting; folded into the weights afterwards.
SCALE = 8.0
#: How much more a positive row counts at most.
MOST_BALANCE = 6.0
#: Shares of calibration rows that may lie above 0.5: captions, lines written to look like a topic, passages of speech.
CAPTIONS, HARD, SPEECH = 0.013, 0.08, 0.03
#: Share of what the heads find that the watch may settle, and how far under a head's boundary a text is still found (log odds).
SETTLED, MARGIN = 0.02, 0.2
#: Texts given to the encoder at a time.
PIECE = 1000

Floats = NDArray[np.float64]
_CAPTIONS = ("vbench", "partiprompts", "coco_captions")


def say(line: str) -> None:
    """Progress, for whoever waits."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def embed(texts: Sequence[str]) -> NDArray[np.float32]:
    """Vectors of the texts, shape (texts, 512), those of like length together."""
    order = np.argsort([len(t) for t in texts], kind="stable")
    out = np.empty((len(texts), 512), np.float32)
    for at in range(0, len(order), PIECE):
        chosen = order[at : at + PIECE]
        out[chosen] = encoder().embed([texts[int(i)] for i in chosen])
        say(f"read {min(at + PIECE, len(order))} of {len(order)}")
    return out


def fit(rows: Sequence[Row], vectors: NDArray[np.float32]) -> TopicHeads:
    """Heads fitted on the training rows, their boundaries laid on the calibration rows, and the watch made from their answers."""
    split = np.array([corpus.split_of(row) for row in rows])
    weight, training, placing = np.array([row.weight for row in rows]), split == "train", split == "calibrate"
    deep, bias, logits, found = [], [], [], np.zeros(len(rows), bool)
    for topic in TOPICS:
        known = np.array([row.known.get(topic, -1) for row in rows])
        at = np.flatnonzero(training & (known >= 0))
        y = known[at]
        balance = min(MOST_BALANCE, float(np.sqrt((len(y) - y.sum()) / y.sum())))
        head = LogisticRegression(C=STRENGTH, max_iter=300, tol=1e-3)
        head.fit(vectors[at] * SCALE, y, weight[at] * np.where(y == 1, balance, 1.0))
        z = np.asarray(head.decision_function(vectors * SCALE))
        slope, offsets = _placed(z, known, rows, placing)
        z = z * slope + offsets[0]
        deep.append(head.coef_[0] * SCALE * slope)
        bias.append(head.intercept_[0] * slope + offsets)
        logits.append(z)
        found |= (known == 1) & (z >= 0)
        hit = float(np.mean(z[placing & (known == 1)] >= 0))
        say(f"{topic}: {int(y.sum())} of {len(y)} rows positive, {hit:.2f} of calibration positives found, slope {slope:.2f}")
    seen = matrix(features.extract([row.text.lower() for row in rows])[0])
    near = (np.max(logits, axis=0) > -MARGIN).astype(int)
    watch = LogisticRegression(C=WATCH_STRENGTH, max_iter=300, tol=1e-3).fit(seen[training], near[training])
    suspicion = np.asarray(watch.decision_function(seen))
    calm = float(np.quantile(suspicion[placing & found], SETTLED))
    quiet = placing & np.isin([row.source for row in rows], _CAPTIONS) & ~found
    say(f"the watch settles {np.mean(suspicion[quiet] < calm):.3f} of the captions' pieces under {calm:.2f}")
    return TopicHeads(
        watch.coef_[0].astype(np.float32), float(watch.intercept_[0]), calm, np.array(deep, np.float32), np.array(bias).T
    )  # fmt: skip


def _placed(z: Floats, known: NDArray[np.int64], rows: Sequence[Row], placing: NDArray[np.bool_]) -> tuple[float, Floats]:
    """Platt's slope (Platt 1999) on the calibration rows, and the offsets that put 0.5 on the boundary, for prompts and words.

    The boundary is where no more of the harmless rows lie above it than is allowed of their kind; a prompt's worst piece counts.
    """
    harmless = placing & (known == 0)
    source = np.array([row.source for row in rows])
    edges = []
    for sources, share in ((_CAPTIONS, CAPTIONS), (_HARD, HARD)):
        worst: dict[str, float] = {}
        for i in np.flatnonzero(harmless & np.isin(source, sources)):
            group = rows[int(i)].group
            worst[group] = max(float(z[i]), worst.get(group, -np.inf))
        edges.append(float(np.quantile([*worst.values()], 1 - share)))
    edges.append(float(np.quantile(z[harmless & (source == "spoken")], 1 - SPEECH)))
    say("boundaries of captions, hard lines and speech: " + ", ".join(f"{edge:.2f}" for edge in edges))
    at = np.flatnonzero(placing & (known >= 0))
    platt = LogisticRegression(C=1e3).fit(z[at, None], known[at])
    slope = max(float(platt.coef_[0, 0]), 1e-3)
    return slope, np.array([-slope * max(edges[:2]), -slope * max(edges)])


_HARD = ("near", "prose", "prose-hard", "written", "written-hard")


def main() -> None:
    """Read, fit, write, and print the figures on what was held out."""
    rows = corpus.rows(SEED)
    say(f"{len(rows)} rows")
    write(fit(rows, embed([row.text.lower() for row in rows])))
    from classifiers.prompt.training.topics_figures import report

    for line in report():
        say(line)


if __name__ == "__main__":
    main()
