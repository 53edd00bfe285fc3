"""``python -m classifiers.prompt.training.sessions``: what ``built_up`` catches and whom it disturbs.

Three kinds of sessions: written ones whose sum is bad, written harmless ones of the same shape, and made-up people who ask for
twelve unrelated benign prompts. Every second written session is there to choose the boundary by, the others only to report.
Nothing here is ever trained on.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import random
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from classifiers.prompt.buildup import BOUNDARY, SPELT, Boundary, BuildUp, Sum, sums
from classifiers.prompt.heads import PromptHeads
from classifiers.prompt.labels import HOLD
from classifiers.prompt.normaliser import read_prompt
from safety.prompt import Earlier, Prompt, ReadPrompt

DATA = Path(__file__).parents[1] / "data"
#: Sets that the unrelated prompts are drawn from, one set as often as the other, and prompts of one made-up person.
SETS, LENGTH = ("vbench", "partiprompts", "coco_captions"), 12
#: Boundaries that are tried beside the one in force.
GRID = tuple(
    Boundary(going_on, anew, gain)
    for going_on, anew, gain in product((0.35, 0.5, 0.65, 0.8), (0.7, 0.85, 0.95), (0.4, 0.8, 1.2))
    if anew >= going_on
)


@dataclass(frozen=True)
class Session:
    """Steps in order. ``label`` is what their sum is about, empty when it is harmless; ``part`` is ``tuning``, ``reporting``, or
    ``late``: written after the heads' training data, to report alone."""

    steps: tuple[str, ...]
    label: str
    language: str
    part: str


@dataclass(frozen=True)
class Judged:
    """What was seen of a session: whether a step is stopped alone, and of the others whether a word is spelt, and every sum."""

    session: Session
    stopped: bool
    spelt: bool
    sums: tuple[Sum, ...]

    def held(self, boundary: Boundary) -> bool:
        """Whether some step would be held as built up."""
        return self.spelt or any(s.excess(boundary) >= HOLD for s in self.sums)


def written() -> Iterator[Session]:
    """The sessions of ``data/sessions``: every second one of a section for tuning, those of ``-late`` files only to report."""
    for path in sorted((DATA / "sessions").glob("*.txt")):
        label, steps, count = "", [], 0
        for raw in [*path.read_text("utf-8").splitlines(), ""]:
            line = raw.strip()
            if line.startswith("#"):
                continue
            if line.startswith("[") and line.endswith("]"):
                label, count = line[1:-1].removeprefix("benign").removeprefix("bad "), 0
            elif line:
                steps.append(line)
            elif steps:
                part = "late" if path.stem.endswith("-late") else ("tuning", "reporting")[count % 2]
                yield Session(tuple(steps), label, path.stem[:2], part)
                steps, count = [], count + 1


def strangers(count: int, seed: int = 20) -> Iterator[Session]:
    """People who ask for unrelated benign prompts, drawn by ``seed``."""
    rng = random.Random(seed)  # noqa: S311 - a reproducible draw, not a secret
    pools = [_prompts(name) for name in SETS]
    for _ in range(count):
        yield Session(tuple(rng.choice(rng.choice(pools)) for _ in range(LENGTH)), "", "en", "strangers")


def judge_session(session: Session, others: Sequence[str] = ()) -> Judged:
    """Every step as the gate would see it, with ``others`` (unrelated prompts) put one by one between the steps."""
    asked: list[str] = []
    stopped, spelt, found = False, False, []
    for i, step in enumerate(session.steps):
        prompt = _read(step, asked)
        if max((s.score for s in PromptHeads().detect(prompt).signals), default=0.0) >= HOLD:
            stopped = True
        else:
            found += list(sums(prompt))
            spelt = spelt or BuildUp().spelt(prompt) is not None
        asked += [step, *others[i : i + 1]]
    return Judged(session, stopped, spelt, tuple(found))


def report(people: int) -> Iterator[str]:
    """Tables in Markdown: the boundary in force, then the grid."""
    sessions = list(written())
    bad, calm = ([judge_session(s) for s in sessions if bool(s.label) is is_bad] for is_bad in (True, False))
    noise = [s.steps for s in strangers(len(bad), seed=21)]
    apart = [judge_session(j.session, noise[i]) for i, j in enumerate(bad) if j.session.part != "tuning"]
    unrelated = [judge_session(s) for s in strangers(people)]
    yield f"boundary in force: {BOUNDARY}; a spelt word scores {SPELT}"
    yield "| sessions | number | a step stopped alone | of the others held as built up | stopped or held |"
    yield "|---|---|---|---|---|"
    for part in ("tuning", "reporting", "late"):
        yield _line(f"bad, {part}", [j for j in bad if j.session.part == part])
    yield _line("bad, reporting and late, unrelated prompts between the steps", apart)
    for label in dict.fromkeys(j.session.label for j in bad):
        yield _line(f"bad, {label}, all parts", [j for j in bad if j.session.label == label])
    for language in ("en", "fr"):
        yield _line(f"bad, {language}, all parts", [j for j in bad if j.session.language == language])
    for part in ("tuning", "reporting", "late"):
        yield _line(f"harmless, {part}", [j for j in calm if j.session.part == part])
    yield _line(f"{LENGTH} unrelated prompts", unrelated)
    yield ""
    yield "| going on | anew | gain | bad held (tuning) | harmless held (tuning) | unrelated held |"
    yield "|---|---|---|---|---|---|"
    for b in GRID:
        shares = [_share(group, b) for group in (_tuning(bad), _tuning(calm), unrelated)]
        yield f"| {b.going_on} | {b.anew} | {b.gain} | " + " | ".join(f"{share:.4f}" for share in shares) + " |"


def _line(name: str, judged: Sequence[Judged]) -> str:
    left = [j for j in judged if not j.stopped]
    stopped, held = len(judged) - len(left), sum(j.held(BOUNDARY) for j in left)
    return f"| {name} | {len(judged)} | {stopped} | {held} of {len(left)} | {stopped + held} |"


def _tuning(judged: Sequence[Judged]) -> list[Judged]:
    return [j for j in judged if j.session.part == "tuning"]


def _share(judged: Sequence[Judged], boundary: Boundary) -> float:
    left = [j for j in judged if not j.stopped]
    return sum(j.held(boundary) for j in left) / max(1, len(left))


def _prompts(name: str) -> list[str]:
    with gzip.open(DATA / "sets" / f"{name}.csv.gz", "rt", encoding="utf-8", newline="") as lines:
        return [row["prompt"] for row in csv.DictReader(lines)]


def _read(text: str, asked: Sequence[str]) -> ReadPrompt:
    return read_prompt(Prompt(text=text, earlier=Earlier(asked=tuple(asked[-LENGTH:]))))


def main(say: Callable[[str], object] = lambda line: sys.stdout.write(line + "\n")) -> None:
    """Judge and print."""
    options = argparse.ArgumentParser(description="What built_up catches and whom it disturbs.")
    options.add_argument("--people", type=int, default=1000, help="sessions of twelve unrelated prompts")
    for line in report(options.parse_args().people):
        say(line)


if __name__ == "__main__":
    main()
