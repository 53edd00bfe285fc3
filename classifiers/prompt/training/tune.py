"""Tunes the reader's upper layers on the training rows: all labels at once, each row only for the labels known of it."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from time import perf_counter

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional as F  # noqa: N812 - its usual name

from classifiers.prompt.labels import ROWS
from classifiers.prompt.reader import tuned
from classifiers.prompt.reader.pieces import pieces
from classifiers.prompt.training.corpus import Row
from classifiers.prompt.training.network import Network

#: Rounds over the rows, texts a step, learning rates of the layers and of the judges, share of the steps to warm up.
EPOCHS, BATCH, RATE, JUDGE_RATE, WARM = 3, 48, 1.5e-4, 2e-3, 0.06
DECAY = 0.01
#: Steps between two lines of progress.
SAY_EVERY = 100


def tune(rows: Sequence[Row], seed: int, say: Callable[[str], None], epochs: int = EPOCHS) -> Network:
    """A tuned network; the same rows and seed give the same one on one machine."""
    torch.manual_seed(seed)
    rng = random.Random(seed)  # noqa: S311 - a reproducible order, not a secret
    network = Network(len(ROWS)).train()
    cut = [pieces().cut(row.text.lower()) for row in rows]
    answers = np.array([[row.answer(label) for label in ROWS] for row in rows])
    weight = torch.tensor([row.weight for row in rows])
    balance = _balance(answers)
    batches = _batches(cut, rng)
    steps = len(batches) * epochs
    groups = [
        {"params": [p for layer in network.tuned for p in layer.parameters()], "lr": RATE},
        {"params": list(network.judges.parameters()), "lr": JUDGE_RATE},
    ]
    optimiser = torch.optim.AdamW(groups, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda at: min((at + 1) / (WARM * steps), 1 - at / steps))
    begun, at, mean = perf_counter(), 0, 0.0
    for _ in range(epochs):
        for batch in _batches(cut, rng):
            with torch.autocast("cpu", dtype=torch.bfloat16):
                logits = network(*pad(network, [cut[i] for i in batch]))
            target = torch.from_numpy(answers[batch]).float()
            known = (target >= 0).float() * weight[batch][:, None]
            known = torch.where(target > 0, known * balance, known)
            loss = (F.binary_cross_entropy_with_logits(logits.float(), target.clamp(min=0), reduction="none") * known).sum()
            loss = loss / known.sum()
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            at, mean = at + 1, 0.98 * mean + 0.02 * float(loss.detach())
            if at % SAY_EVERY == 0:
                left = (perf_counter() - begun) / at * (steps - at) / 60
                say(f"tuning: step {at} of {steps}, loss {mean / (1 - 0.98**at):.4f}, {left:.1f} min left")
    network.eval()
    return network


def keep(network: Network) -> None:
    """Write the tuned layers where the reader finds them."""
    tuned.write([layer.export() for layer in network.tuned])
    tuned.tuned_layers.cache_clear()


def pad(network: Network, cut: Sequence[list[int]]) -> tuple[torch.Tensor, torch.Tensor]:
    """Embeddings of the pieces (texts, most pieces, width) and the mask of what is there (texts, most pieces)."""
    longest = max(map(len, cut))
    flat = np.concatenate([np.array(ids) for ids in cut])
    rows = torch.from_numpy(network.file.rows(flat))
    out = torch.zeros(len(cut), longest, rows.shape[1])
    mask = torch.zeros(len(cut), longest, dtype=torch.bool)
    at = 0
    for i, ids in enumerate(cut):
        out[i, : len(ids)] = rows[at : at + len(ids)]
        mask[i, : len(ids)] = True
        at += len(ids)
    return out, mask


def _batches(cut: Sequence[list[int]], rng: random.Random) -> list[list[int]]:
    """Rows of like length together, batches in random order."""
    order = sorted(range(len(cut)), key=lambda i: len(cut[i]) + rng.random() * 4)
    batches = [order[i : i + BATCH] for i in range(0, len(order), BATCH)]
    rng.shuffle(batches)
    return batches


def _balance(answers: NDArray[np.int64]) -> torch.Tensor:
    """How much more a positive counts, a label: the square root of the imbalance, at most four."""
    positive, negative = (answers == 1).sum(axis=0), (answers == 0).sum(axis=0)
    return torch.from_numpy(np.clip(np.sqrt(negative / np.maximum(positive, 1)), 1.0, 4.0)).float()
