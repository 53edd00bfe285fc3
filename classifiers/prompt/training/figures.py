"""The figures on what training never saw, through the whole gate (normaliser, heads, lexicon), as lines of Markdown."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from classifiers.prompt.heads import PromptHeads
from classifiers.prompt.labels import BLOCK, HEADS, HOLD
from classifiers.prompt.normaliser import read_prompt
from classifiers.prompt.training.corpus import BENIGN, Row, xstest
from safety.prompt import Prompt

#: Rows of one set and answer that are judged at most; the rest would only cost time.
MOST_ROWS = 500


def scores(text: str, words: bool = False) -> dict[str, float]:
    """Label to score, through the detector as the pipeline runs it, on a prompt or on ``words`` of a clip."""
    prompt = Prompt(text=text, medium="speech" if words else None)
    return {s.label: s.score for s in PromptHeads().detect(read_prompt(prompt)).signals}


def report(rows: Sequence[Row], words: bool = False) -> Iterator[str]:
    """Tables: per label caught, per set let through, XSTest."""
    counts: Counter[tuple[str, str, bool]] = Counter()
    chosen_rows: list[Row] = []
    for row in rows:
        kind = (row.source, row.language, any(row.known.values()))
        counts[kind] += 1
        if counts[kind] <= MOST_ROWS:
            chosen_rows.append(row)
    seen = [(row, scores(row.text, words)) for row in chosen_rows]
    yield "| label | test prompts | score >= 0.5 | >= 0.8 | any label >= 0.5 |"
    yield "|---|---|---|---|---|"
    for label in HEADS:
        for name, chosen in _by_source(label, seen):
            held = sum(s.get(label, 0) >= HOLD for s in chosen)
            blocked = sum(s.get(label, 0) >= BLOCK for s in chosen)
            anything = sum(max(s.values(), default=0) >= HOLD for s in chosen)
            n = len(chosen)
            yield f"| {label}, {name} | {n} | {held / n:.3f} | {blocked / n:.3f} | {anything / n:.3f} |"
    yield ""
    yield "| benign set | prompts | let through (no label >= 0.5) | by which label not |"
    yield "|---|---|---|---|"
    for name in (*BENIGN, "spoken", "unseen", "unseen-hard"):
        for language in ("en", "fr", "es", "de", "it"):
            passing = [s for row, s in seen if (row.source, row.language) == (name, language) and not any(row.known.values())]
            if passing:
                yield _passed(f"{name}, {language}", passing)
    for label, name in (("hate", "hatecheck"), ("hate", "toxigen"), ("injection", "s-labs")):
        near = [{label: s.get(label, 0.0)} for row, s in seen if row.source == name and row.known.get(label) == 0]
        if near:
            yield _passed(f"{name} negatives, {label} alone", near)
    judged = [(unsafe, scores(text, words)) for text, unsafe in xstest()]
    yield _passed("XSTest safe", [s for unsafe, s in judged if not unsafe])
    yield _passed("XSTest unsafe (should be stopped)", [s for unsafe, s in judged if unsafe])


def _passed(name: str, found: Sequence[dict[str, float]]) -> str:
    """A line for one set: how many, how many passed, and which labels stopped the others."""
    stopped = Counter(label for s in found for label, score in s.items() if score >= HOLD)
    share = sum(max(s.values(), default=0) < HOLD for s in found) / len(found)
    why = ", ".join(f"{label} {count}" for label, count in stopped.most_common())
    return f"| {name} | {len(found)} | {share:.4f} | {why} |"


def _by_source(label: str, seen: Sequence[tuple[Row, dict[str, float]]]) -> Iterator[tuple[str, list[dict[str, float]]]]:
    groups: dict[str, list[dict[str, float]]] = defaultdict(list)
    for row, found in seen:
        if row.known.get(label) == 1:
            groups[f"{row.source} {row.language}"].append(found)
    yield from sorted(groups.items())
