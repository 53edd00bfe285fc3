"""How much is missed once an unsafe prompt that was stopped comes back in disguise: ten attacks, and every two of them."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence

from classifiers.prompt.bench import goals
from classifiers.prompt.bench.attacks import ATTACKS, PAIRS, disguise
from classifiers.prompt.bench.figures import Figure, Section, Share
from classifiers.prompt.bench.judging import Judges
from classifiers.prompt.bench.stopped import ANY, Judged
from classifiers.prompt.labels import HOLD

SEED = 20
#: Longer prompts cost many windows and say nothing new about a disguise.
MOST_CHARACTERS = 300
#: Statements about groups are no prompts for a video.
LEFT_OUT = frozenset({"hatecheck", "toxigen"})
Way = tuple[str, ...]


def measure(judges: Judges, judged: Sequence[Judged], alone: int, paired: int) -> Section:
    """Drop in recall per attack on ``alone`` unsafe prompts and per pair on ``paired``; a third as many benign beside them."""
    bad = _draw([j for j in judged if j.sample.unsafe and j.stopped() and j.sample.source not in LEFT_OUT], alone)
    good = _draw([j for j in judged if j.sample.unsafe is False and not j.stopped()], max(1, alone // 3))
    ways: list[tuple[Way, int]] = [((name,), alone) for name in ATTACKS] + [(pair, paired) for pair in PAIRS]
    plan = [(way, True, text) for way, most in ways for text in bad[:most]]
    plan += [(way, False, text) for way, most in ways for text in good[: max(1, most // 3)]]
    found = judges.scores([disguise(text, way, SEED) for way, _, text in plan], "disguises")
    stopped: dict[tuple[Way, bool], list[bool]] = defaultdict(list)
    for (way, unsafe, _), scores in zip(plan, found, strict=True):
        stopped[way, unsafe].append(max(scores.values(), default=0.0) >= HOLD)
    single = [_figure((name,), stopped) for name in ATTACKS]
    both = sorted((_figure(pair, stopped) for pair in PAIRS), key=lambda f: -(f.value or 0.0))
    worst = both[0].model_copy(update={"name": f"worst pair: {both[0].name}", "goal": goals.DISGUISE_DROP})
    false = Share(hits=sum(f.false_positives.hits for f in both if f.false_positives),
                  of=sum(f.false_positives.of for f in both if f.false_positives))  # fmt: skip
    values = [f.value for f in both if f.value is not None]
    mean = both[0].model_copy(
        update={
            "name": f"mean of {len(PAIRS)} pairs", "number": sum(f.number for f in both), "false_positives": false,
            "value": sum(values) / len(values) if values else None, "goal": goals.DISGUISE_DROP, "note": "",
        }
    )  # fmt: skip
    says = (
        f"Points of recall lost on unsafe prompts that are stopped as written (seed {SEED}, spread over labels and languages). "
        "False positives are benign prompts that pass as written and are stopped in the same disguise."
    )
    return Section(key="disguise", title="Disguises", says=says, figures=(*single, mean, worst, *both))


def _figure(way: Way, stopped: dict[tuple[Way, bool], list[bool]]) -> Figure:
    bad, good = stopped[way, True], stopped[way, False]
    return Figure(
        name=" + ".join(way), on="stopped unsafe prompts", number=len(bad), threshold=ANY,
        false_positives=Share(hits=sum(good), of=len(good)),
        value=100.0 * bad.count(False) / len(bad) if bad else None, unit="points",
        goal=goals.DISGUISE_DROP if len(way) == 1 else None,
    )  # fmt: skip


def _draw(judged: Sequence[Judged], most: int) -> list[str]:
    """Short texts, one after the other from each kind (labels, language) in turn, so that no kind fills the sample."""
    kinds: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for j in judged:
        if len(j.sample.text) <= MOST_CHARACTERS:
            kinds[j.sample.language, *sorted(j.sample.labels)].append(j.sample.text)
    rng = random.Random(SEED)  # noqa: S311 - reproducible, not a secret
    piles = [rng.sample(texts, len(texts)) for _, texts in sorted(kinds.items())]
    rng.shuffle(piles)
    drawn: list[str] = []
    while len(drawn) < most and any(piles):
        drawn += [pile.pop() for pile in piles if pile][: most - len(drawn)]
    return drawn
