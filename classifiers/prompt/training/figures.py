"""The figures on what training never saw, through the whole gate (normaliser, heads, lexicon), as lines of Markdown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from classifiers.prompt.heads import PromptHeads
from classifiers.prompt.labels import BLOCK, HEADS, HOLD
from classifiers.prompt.normaliser import read_prompt
from classifiers.prompt.training.corpus import Row, xstest
from safety.prompt import Prompt

BENIGN = ("vbench", "partiprompts", "coco_captions", "written", "written-hard")


def scores(text: str) -> dict[str, float]:
    """Label to score, through the detector as the pipeline runs it."""
    return {s.label: s.score for s in PromptHeads().detect(read_prompt(Prompt(text=text))).signals}


def report(rows: Sequence[Row]) -> Iterator[str]:
    """Tables: per label caught, per set let through, XSTest."""
    seen = [(row, scores(row.text)) for row in rows]
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
    for name in BENIGN:
        for language in ("en", "fr", "es", "de"):
            chosen = [s for row, s in seen if row.source == name and row.language == language and not any(row.known.values())]
            if chosen:
                why: dict[str, int] = defaultdict(int)
                for s in chosen:
                    for label, score in s.items():
                        why[label] += score >= HOLD
                passed = sum(max(s.values(), default=0) < HOLD for s in chosen)
                yield f"| {name}, {language} | {len(chosen)} | {passed / len(chosen):.4f} | { ({k: v for k, v in why.items() if v}) } |"
    for label, name in (("hate", "hatecheck"), ("hate", "toxigen"), ("injection", "s-labs")):
        chosen = [s for row, s in seen if row.source == name and row.known.get(label) == 0]
        if chosen:
            yield f"| {name} negatives, {label} | {len(chosen)} | {sum(s.get(label, 0) < HOLD for s in chosen) / len(chosen):.4f} | |"
    judged = [(unsafe, max(scores(text).values(), default=0) >= HOLD) for text, unsafe in xstest()]
    for unsafe in (False, True):
        chosen_flags = [flag for u, flag in judged if u == unsafe]
        yield f"| XSTest {'unsafe' if unsafe else 'safe'} | {len(chosen_flags)} | {1 - sum(chosen_flags) / len(chosen_flags):.4f} | |"


def _by_source(label: str, seen: Sequence[tuple[Row, dict[str, float]]]) -> Iterator[tuple[str, list[dict[str, float]]]]:
    groups: dict[str, list[dict[str, float]]] = defaultdict(list)
    for row, found in seen:
        if row.known.get(label) == 1:
            groups[f"{row.source} {row.language}"].append(found)
    yield from sorted(groups.items())
