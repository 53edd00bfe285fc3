"""Reading and judging survive whatever is typed: no exception, evidence inside the text, the same answer twice, bounded time.

Seeded and short by default; ``CLEARANCE_CAMPAIGN=1`` looks longer and elsewhere each time.
"""

from __future__ import annotations

import base64
import os
import re
import subprocess
import sys
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from classifiers.prompt import decodings, fold, normaliser, pii, read_prompt, repairs
from classifiers.registry import prompt_detectors, run_prompt
from safety.prompt import MAX_PROMPT_CHARS, Prompt

CAMPAIGN = os.environ.get("CLEARANCE_CAMPAIGN") == "1"


def short(examples: int, campaign: int) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Seeded and short, or long and free."""

    def wrap(test: Callable[..., None]) -> Callable[..., None]:
        kept = settings(
            max_examples=campaign if CAMPAIGN else examples, deadline=None, database=None, suppress_health_check=list(HealthCheck)
        )(test)
        return kept if CAMPAIGN else seed(20261101)(kept)

    return wrap


def _base64(text: str) -> str:
    return base64.b64encode(text.encode("utf-8", "surrogatepass")).decode()


def _percent(text: str) -> str:
    return "".join(f"%{byte:02x}" for byte in text.encode("utf-8", "surrogatepass"))


#: What people hide words with, applied to each other's results.
_WRAPPERS: tuple[Callable[[str], str], ...] = (
    _base64,
    _percent,
    lambda t: t.encode("utf-8", "surrogatepass").hex(),
    lambda t: "".join(f"&#{ord(c)};" for c in t),
    lambda t: "".join(f"\\u{ord(c):04x}" for c in t if ord(c) < 0x10000),
    lambda t: t[::-1],
    " ".join,
    ".".join,
    "\u200b".join,
    lambda t: "".join(c + "\u0337" for c in t),
    lambda t: t.encode("utf-8", "surrogatepass").decode("latin-1"),
    lambda t: t.translate({97 + i: 0x1D41A + i for i in range(26)}),
)
_PIECES = st.one_of(
    st.text(max_size=40),
    st.text(st.characters(), max_size=20),  # lone surrogates too
    st.sampled_from(
        ["a naked woman", "n4k3d", "p*rn", "1080p", "1x1.1:1,1", "s e x", "na ked", "٣٤٥", "ﷺ", "İ", "ß", "🍆💦", "½"]
    ),
    st.text(st.sampled_from("1234567890.,:x×kpsm "), max_size=60),
    st.text(st.sampled_from("%&#;=\\ux0aAbB2+/-_ "), max_size=60),
    st.text(st.sampled_from("аеорсхуabeopcxy\u0301\u0337\u200b\u202e\ud800"), max_size=40),
)
_TEXTS = st.lists(st.tuples(_PIECES, st.lists(st.sampled_from(_WRAPPERS), max_size=3)), max_size=6).map(
    lambda parts: " ".join(_wrapped(text, wrappers) for text, wrappers in parts)[:MAX_PROMPT_CHARS]
)


def _wrapped(text: str, wrappers: list[Callable[[str], str]]) -> str:
    for wrap in wrappers:
        text = wrap(text)[:4000]
    return text


@short(250, 20_000)
@given(_TEXTS)
def test_a_text_in_layers_of_disguise_is_read_and_every_character_has_its_place(text: str) -> None:
    read = read_prompt(Prompt(text=text))
    assert len(read.plain) == len(read.origin) and len(read.readings) == len(read.reading_origins)
    for shown, origin in zip(read.texts, (read.origin, *read.reading_origins), strict=True):
        assert len(shown) == len(origin)
        assert all(0 <= place < len(text) for place in origin)
    assert read == read_prompt(Prompt(text=text))


@short(250, 20_000)
@given(_TEXTS)
def test_folding_what_was_folded_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    for shown in read_prompt(Prompt(text=text)).texts:
        assert fold(fold(shown)) == fold(shown)


@short(12, 1_000)
@given(_TEXTS)
def test_every_detector_answers_the_same_twice_with_evidence_inside_the_text(text: str) -> None:
    first, again = run_prompt(Prompt(text=text)), run_prompt(Prompt(text=text))
    assert [r.detector for r in first] == [d.name for d in prompt_detectors()]
    for report, second in zip(first, again, strict=True):
        assert report.failure is None
        assert report.model_copy(update={"milliseconds": 0.0}) == second.model_copy(update={"milliseconds": 0.0})
        for signal in report.signals:
            for evidence in signal.evidence:
                assert evidence.span is None or 0 <= evidence.span.start <= evidence.span.end <= len(text)


#: Each is ``MAX_PROMPT_CHARS`` long and provoked, or was meant to provoke, more than linear work.
LONG: dict[str, str] = {
    "digits in a word": ("1" * 60 + "zz ") * 320,
    "digits and separators": ("1." * 30 + "zz ") * 320,
    "one number": "1" * 20_000,
    "letters and points": "a." * 10_000,
    "percent of percent": "%25" * 6_666,
    "letters apart": "x " * 10_000,
    "ampersands": "&amp;" * 4_000,
    "wildcards": " ".join(f"{chr(97 + i % 26)}{chr(97 + i // 26 % 26)}***{chr(97 + i // 676)}" for i in range(2_500)),
    "guesses": " ".join(f"{i:03d}@$1|n4{i}" for i in range(1_500)),
    "glued words": "nakedwoman" * 2_000,
    "broken encoding": "Ã©Ã " * 5_000,
    "stacked marks": "a\u0337\u0321\u0353" * 5_000,
    "suggestive emoji": "🍆 " * 10_000,
    "emoji and blanks": "🍆" + " " * 19_999,
    "e-mail without end": "a@" + "b." * 9_999,
    "streets": "1 rue a b c " * 1_666,
    "telephone": "+33 6 12 34 56 " * 1_333,
}
_BASE64_OF_BASE64 = "a naked woman on the bed " * 8
for _ in range(12):
    _BASE64_OF_BASE64 = _base64(_BASE64_OF_BASE64)[:MAX_PROMPT_CHARS]
LONG["base64 of base64"] = _BASE64_OF_BASE64


@pytest.mark.parametrize("text", LONG.values(), ids=LONG.keys())
def test_the_longest_prompt_is_read_whole_whatever_it_repeats(text: str) -> None:
    read = read_prompt(Prompt(text=text[:MAX_PROMPT_CHARS]))
    assert len(read.plain) == len(read.origin)
    assert len(read.readings) <= normaliser.MOST_READINGS
    assert all(len(reading) <= 4 * MAX_PROMPT_CHARS for reading in read.readings)
    pii.find(read.plain)


#: Runs in a process of its own: a pattern that tries every way to match never returns and cannot be interrupted.
_MATCH = """
import re, sys
from classifiers.prompt import {module}
pattern = {module}.{name}
for text in {texts!r}:
    pattern.search(text); pattern.fullmatch(text); list(pattern.finditer(text))
"""
_PATTERNS = [
    (module.__name__.rpartition(".")[2], name)
    for module in (repairs, decodings, pii, normaliser)
    for name, value in vars(module).items()
    if isinstance(value, re.Pattern)
]
_REPEATED = (
    "1",
    "1.",
    "1 ",
    "a",
    "a ",
    "a.",
    "a-",
    "-",
    "_",
    "0x61 ",
    "61",
    "01",
    "%6",
    "&#",
    "A=",
    "\\u",
    "+1 ",
    "(1)",
    "🍆 ",
    "rue a ",
    "é",
)


def test_no_pattern_ever_tries_every_way_to_match() -> None:
    texts = [piece * 3_000 + end for piece in _REPEATED for end in ("", "!", "zz", "=g")]
    code = "".join(_MATCH.format(module=module, name=name, texts=texts) for module, name in _PATTERNS)
    assert len(_PATTERNS) > 15
    subprocess.run([sys.executable, "-"], input=code.encode(), check=True, timeout=240)
