"""The words of a clip before the prompt gate: what is said, what is to be read, and the clip told in order.

Whoever may not ask for something may not have it said or written either. The words are put together in several ways, since a
sentence may stand on one screen or be spread over ten, and each way is read like a prompt; what is found is told with the
place and time of the words it was found in. Nothing here judges.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from safety.passage import Passage
from safety.permit import Permit
from safety.prompt import MAX_PROMPT_CHARS, Earlier, Prompt
from safety.signal import Evidence, Medium, Report, Signal, Span
from streams.context import Findings
from streams.lanes.lane import Failed
from streams.lanes.merging import merged

#: Asks the prompt gate about one text.
Ask = Callable[[Prompt], Findings]
#: Pieces this short are joined without spaces too: letters shown one after another.
SHORT = 2
#: Texts at most that are put together from single screens; the whole transcript is always read.
MOST_SCREENS = 60
#: Steps of a told clip that are judged together with what came before them.
MOST_STEPS = 12
#: Between two pieces of a text.
GAP = "\n"


@dataclass(frozen=True)
class Text:
    """Passages put together, and where each begins in ``text``; ``at`` is where the text begins in the whole transcript."""

    text: str
    passages: tuple[Passage, ...]
    starts: tuple[int, ...]
    at: int | None

    def passage_at(self, place: int) -> Passage:
        """The passage that the character number ``place`` belongs to."""
        return next(p for start, p in reversed([*zip(self.starts, self.passages, strict=True)]) if start <= max(place, 0))


def read_words(passages: tuple[Passage, ...] | Failed, medium: Medium, reader: str, labels: frozenset[str], ask: Ask) -> Findings:
    """What the prompt gate says of a clip's words in ``medium``: one report a detector, and the permits that bear on them.

    ``reader`` is who read them, and ``labels`` all that the gate answers for. No words are a report that found nothing; words
    that could not be read are a failed one.
    """
    if isinstance(passages, Failed):
        return (Report(detector=reader, labels=labels, failure=f"{reader} {passages.why}.", medium=medium),), ()
    found: dict[str, list[Report]] = {}
    permits: dict[str, Permit] = {}
    for text in texts(passages):
        reports, allowed = ask(Prompt(text=text.text, language=text.passages[0].language, medium=medium))
        permits |= {p.id: p for p in allowed}
        for report in reports:
            found.setdefault(report.detector, []).append(_placed(report, text, medium))
    silent = Report(detector=reader, labels=labels, medium=medium)
    return (silent, *(_together(reports) for reports in found.values())), tuple(permits.values())


def read_order(
    told: Sequence[tuple[str, tuple[float, float]]], detector: str, labels: frozenset[str], ask: Ask
) -> Findings:  # fmt: skip
    """What the prompt gate says of the clip told in order: a line a shot, with its time.

    Every line is also read as a step after the ones before it, as prompts are that come one after another.
    """
    passages = tuple(Passage(medium="order", text=line[:4000], time=time, confidence=1.0) for line, time in told if line.strip())
    reports, permits = read_words(passages, "order", detector, labels, ask)
    kept = [p.text for p in passages]
    allowed = {p.id: p for p in permits}
    steps: dict[str, list[Report]] = {r.detector: [r] for r in reports}
    for last in range(1, len(kept)):
        prompt = Prompt(text=kept[last], medium="order", earlier=Earlier(asked=tuple(kept[max(0, last - MOST_STEPS) : last])))
        text = Text(kept[last], (passages[last],), (0,), None)
        found, more = ask(prompt)
        allowed |= {p.id: p for p in more}
        for report in found:
            steps.setdefault(report.detector, []).append(_placed(report, text, "order"))
    return tuple(_together(r) for r in steps.values()), tuple(allowed.values())


def texts(passages: Sequence[Passage]) -> Iterator[Text]:
    """The ways of reading ``passages``: all of them in order, each screen by itself, and single letters run together."""
    order = sorted((p for p in passages if p.text.strip()), key=lambda p: p.time[0])
    if not order:
        return
    starts, at = [], 0
    for passage in order:
        starts.append(at)
        at += len(passage.text) + len(GAP)
    yield from _pieces(order, starts)
    screens = [[*group] for _, group in groupby(range(len(order)), key=lambda i: order[i].time[0])]
    if len(screens) > 1:
        for screen in screens[:MOST_SCREENS]:
            yield _text([order[i] for i in screen], starts[screen[0]])
    letters = [p for p in order if len(p.text.strip()) <= SHORT]
    if len(letters) > 1:
        joined = "".join(p.text.strip() for p in letters)
        begins = [sum(len(p.text.strip()) for p in letters[:i]) for i in range(len(letters))]
        yield Text(joined, tuple(letters), tuple(begins), None)


def _pieces(order: Sequence[Passage], starts: Sequence[int]) -> Iterator[Text]:
    """The whole transcript, cut between passages where it is longer than a prompt may be."""
    first = 0
    for i in range(1, len(order) + 1):
        if i == len(order) or starts[i] + len(order[i].text) - starts[first] > MAX_PROMPT_CHARS:
            yield _text(order[first:i], starts[first])
            first = i


def _text(passages: Sequence[Passage], at: int) -> Text:
    starts, here = [], 0
    for passage in passages:
        starts.append(here)
        here += len(passage.text) + len(GAP)
    return Text(GAP.join(p.text for p in passages), tuple(passages), tuple(starts), at)


def _placed(report: Report, text: Text, medium: Medium) -> Report:
    """The report with the clip's places in its evidence instead of a prompt's."""
    signals = tuple(
        s.model_copy(update={"medium": medium, "evidence": tuple(_place(e, text) for e in s.evidence) or (_whole(text),)})
        for s in report.signals
    )
    return report.model_copy(update={"signals": signals, "medium": medium})


def _place(evidence: Evidence, text: Text) -> Evidence:
    if evidence.span is None:
        return _whole(text).model_copy(update={"text": evidence.text, "reference": evidence.reference, "note": evidence.note})
    first, last = text.passage_at(evidence.span.start), text.passage_at(evidence.span.end - 1)
    excerpt = text.text[evidence.span.start : evidence.span.end][:200]
    span = None
    if text.at is not None:
        span = Span(start=text.at + evidence.span.start, end=text.at + evidence.span.end)
    return Evidence(
        span=span, time=(first.time[0], max(first.time[1], last.time[1])), frame=first.frame, box=first.box,
        text=evidence.text or excerpt or None, reference=evidence.reference, note=evidence.note,
    )  # fmt: skip


def _whole(text: Text) -> Evidence:
    """All of the text as evidence, when it is not known which words of it."""
    first = text.passages[0]
    return Evidence(
        time=(first.time[0], max(p.time[1] for p in text.passages)), frame=first.frame, box=first.box, text=text.text[:200]
    )


def _together(reports: Sequence[Report]) -> Report:
    """One detector's reports on several texts as one."""
    failure = next((r.failure for r in reports if r.failure is not None), None)
    labels = frozenset().union(*(r.labels for r in reports))
    by_label: dict[str, list[Signal]] = {}
    for signal in (s for r in reports for s in r.signals):
        by_label.setdefault(f"{signal.label} {' '.join(sorted(signal.references))}", []).append(signal)
    return reports[0].model_copy(
        update={
            "labels": labels,
            "signals": () if failure is not None else tuple(merged(found) for _, found in sorted(by_label.items())),
            "failure": failure,
            "milliseconds": sum(r.milliseconds for r in reports),
        }
    )
