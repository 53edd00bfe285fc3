"""Other people's answers on the same rows in the same run: what a house would have without this gate.

A peer is optional (``pip install clearance[bench]``). One that is missing or cannot run is a line in the report, never a failure
of the run, and nothing of theirs is used by the gate.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from importlib.util import find_spec

from classifiers.prompt.bench import goals
from classifiers.prompt.bench.figures import Figure, Section, Share, percent
from classifiers.prompt.bench.injection import INJECTION
from classifiers.prompt.bench.judging import Judges
from classifiers.prompt.bench.sets import WHOLE, XSTEST, Sample, personal
from classifiers.prompt.bench.stopped import ANY, EVERYTHING, Judged, false_positives
from classifiers.prompt.labels import HOLD

Answer = Callable[[Sequence[str]], list[bool]]
INSTALL = "not installed: pip install clearance[bench]"


def _profanity() -> Answer:
    with warnings.catch_warnings():  # its pickles were made by another scikit-learn; whether it still answers is what is asked
        warnings.simplefilter("ignore")
        from profanity_check import predict_prob
    return lambda texts: [bool(score >= HOLD) for score in predict_prob(list(texts))]


def _guardian() -> Answer:
    from svguardian._bundle import resolve_runtime
    from svguardian.model.pure_infer import PureGuardian
    from svguardian.serve import analyze

    model = PureGuardian.load(resolve_runtime(download=False))
    return lambda texts: [bool(analyze(text, model)["is_threat"]) for text in texts]


def _words() -> Answer:
    """Our own clear words as a house would use a list: whole words of the lower-cased text, no reading, no context."""
    import re

    import yaml

    from classifiers.prompt.lexicon import FILE

    rows = yaml.safe_load(FILE.read_text("utf-8"))
    terms = {str(t).rstrip("*") for group in rows.values() if isinstance(group, dict) for t in group.get("clear", ())}
    pattern = re.compile(r"\b(?:" + "|".join(re.escape(t) for t in sorted(terms, key=len, reverse=True)) + r")\b")
    return lambda texts: [pattern.search(text.lower()) is not None for text in texts]


def _presidio() -> Answer:
    return _detects("classifiers.prompt.presidio", "PresidioPersonalData")


def _ours() -> Answer:
    return _detects("classifiers.prompt.pii", "PersonalData")


def _detects(module: str, name: str) -> Answer:
    from classifiers.prompt.bench.judging import judge

    return lambda texts: [max(s.values(), default=0.0) >= HOLD for s in judge(f"{module}:{name}", texts)]


#: Name, the module it needs, its maker, and the threshold it comes with.
PEERS: dict[str, tuple[str, Callable[[], Answer], str]] = {
    "plain word list": ("yaml", _words, "a word of the list"),
    "alt-profanity-check": ("profanity_check", _profanity, f"probability >= {HOLD}"),
    "securevector-guardian-model": ("svguardian", _guardian, "its own"),
}
PERSONAL: dict[str, tuple[str, Callable[[], Answer], str]] = {
    "presidio": ("presidio_analyzer", _presidio, f"score >= {HOLD}"),
    "the gate's own patterns": ("phonenumbers", _ours, f"score >= {HOLD}"),
}


def ask(name: str, texts: Sequence[str]) -> list[bool]:
    """What a peer answers, in the process that it is asked in."""
    return _made(name)(texts)


@lru_cache(maxsize=8)
def _made(name: str) -> Answer:
    return (PEERS | PERSONAL)[name][1]()


def measure(judges: Judges, judged: Sequence[Judged]) -> Section:
    """The gate, then each peer, on the same rows; then who finds personal data."""
    rows = [j.sample for j in judged]
    figures = _lines("the gate", ANY, rows, [j.stopped() for j in judged])
    for name, (_, _, threshold) in PEERS.items():
        figures += _peer(judges, name, [s.text for s in rows], partial(_lines, name, threshold, rows))
    told = personal()
    for name, (_, _, threshold) in PERSONAL.items():
        figures += _peer(judges, name, [text for text, _ in told], partial(_personal, name, threshold, told))
    says = "The same rows for everyone, each at the threshold it comes with. False positives are the benign prompts it stops."
    return Section(key="peers", title="Peers", says=says, figures=tuple(figures))


def _peer(judges: Judges, name: str, texts: list[str], then: Callable[[list[bool]], list[Figure]]) -> list[Figure]:
    module, _, threshold = (PEERS | PERSONAL)[name]
    if find_spec(module) is None:
        return [_absent(name, threshold, INSTALL)]
    try:
        return then(judges.run(partial(ask, name), texts, name))
    except Exception as reason:
        return [_absent(name, threshold, f"cannot run: {type(reason).__name__}: {str(reason)[:120]}")]


def _absent(name: str, threshold: str, note: str) -> Figure:
    return Figure(name=name, on="-", number=0, threshold=threshold, false_positives=None, value=None, unit="%", note=note)


def _lines(name: str, threshold: str, rows: Sequence[Sample], stopped: Sequence[bool]) -> list[Figure]:
    answered = [Judged(row, {"stopped": float(yes)}) for row, yes in zip(rows, stopped, strict=True)]
    false = false_positives(answered)
    found = []
    for label, labels in (*goals.STOPPED.items(), (INJECTION, frozenset({INJECTION}))):
        yes = [j.stopped() for j in answered if j.sample.labels & labels]
        found.append(percent(f"{name}: {label} stopped", EVERYTHING, yes, threshold, false))
    for on in (*WHOLE, XSTEST):
        benign = [j for j in answered if j.sample.source == on and j.sample.unsafe is False]
        own = Share(hits=sum(j.stopped() for j in benign), of=len(benign))
        found.append(percent(f"{name}: benign let through", on, [not j.stopped() for j in benign], threshold, own))
    return found


def _personal(name: str, threshold: str, told: Sequence[tuple[str, bool]], said: Sequence[bool]) -> list[Figure]:
    harmless = [yes for (_, private), yes in zip(told, said, strict=True) if not private]
    found = [yes for (_, private), yes in zip(told, said, strict=True) if private]
    false = Share(hits=sum(harmless), of=len(harmless))
    return [percent(f"{name}: personal data found", "made-up prompts", found, threshold, false)]
