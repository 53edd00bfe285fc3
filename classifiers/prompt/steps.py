"""The steps that led to a prompt, as the gate reads them: disguises off, repetitions out, long ones down to what is telling.

It gathers and shortens; it never judges. What counts as a step (a remixed clip's prompt, an earlier prompt of the same person)
was decided where the prompt's ``earlier`` was filled in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache

from classifiers.prompt.folding import fold
from classifiers.prompt.normaliser import read_prompt
from safety.prompt import Prompt, ReadPrompt

#: Clauses of one long step that are weighed, from its start and from its end: prompts with more are padding.
FIRST_CLAUSES, LAST_CLAUSES = 16, 8
#: What goes on with something rather than beginning anew: edits, and sentences about somebody who was named before.
_GOES_ON = re.compile(
    r"\W*(?:the )?(?:same|again|now|next|then|and|but|also|still|add|put|give|change|replace|remove|take|turn|dress|make|let|"
    r"keep|zoom|closer|slower|slow|faster|continue|more|less|instead|this time|finish|show (?:it|him|her|them|what|my|how)|"
    r"call (?:it|him|her|them)|(?:his|her|its|their|the first|the second|the last|first|last) |(?:s?he|it|they)\b|"
    r"(?:la |le )?m[eê]me|encore|maintenant|ensuite|puis|et|mais|aussi|ajoute|mets|donne|change|remplace|enl[eè]ve|retire|tourne|"
    r"rends|habille|continue|plus|moins|cette fois|appelle-l|son|sa|ses|leurs?|ils?|elles?|on)\b"
)  # fmt: skip
_CLAUSE = re.compile(r"[^.,;:!?\n]+")


@dataclass(frozen=True, slots=True)
class Step:
    """One earlier prompt: ``text`` as the gate reads it, ``written`` as it was typed, ``place`` in words for a moderator."""

    text: str
    written: str
    place: str


def current(prompt: ReadPrompt) -> str:
    """The one reading of the prompt that is joined to what came before: with its disguises off, where it had any."""
    return _tidy(prompt.readings[0] if prompt.readings else prompt.plain)


def lines(prompt: ReadPrompt) -> tuple[tuple[Step, ...], ...]:
    """The remix chain and the session, those that hold a step that says something of its own; each the oldest first."""
    earlier, seen = prompt.prompt.earlier, fold(current(prompt))
    chain = [(text, _up(up)) for up, text in _counted(earlier.remixed)]
    asked = [(text, _ago(ago)) for ago, text in _counted(earlier.asked)]
    found = (_told(steps, seen) for steps in (chain, asked))
    return tuple(line for line in found if line)


def goes_on(text: str) -> bool:
    """Whether ``text`` reads as an edit or continuation of something instead of a scene of its own."""
    return _GOES_ON.match(text.lower()) is not None


def join(texts: Iterable[str], between: str = ". ") -> str:
    """Steps as one text, in order."""
    return between.join(texts)


def shorten(text: str, words: int, telling: Callable[[str], float]) -> str:
    """``text`` in at most about ``words`` words: its first clause, then the most telling ones, in their order."""
    if len(text.split()) <= words:
        return text
    clauses = [clause.strip() for clause in _CLAUSE.findall(text) if clause.strip()]
    if len(clauses) > FIRST_CLAUSES + LAST_CLAUSES:
        clauses = clauses[:FIRST_CLAUSES] + clauses[-LAST_CLAUSES:]
    weighed = sorted(range(1, len(clauses)), key=lambda i: -telling(clauses[i]))
    kept, left = {0}, words - len(clauses[0].split())
    for i in weighed:
        left -= len(clauses[i].split())
        if left < 0:
            break
        kept.add(i)
    return " ".join(", ".join(clauses[i] for i in sorted(kept)).split()[:words])


def _told(steps: list[tuple[str, str]], seen: str) -> tuple[Step, ...]:
    """Steps whose words are not the current prompt's or a later step's again: a prompt sent five times was said once."""
    found: list[Step] = []
    known = {seen, ""}
    for written, place in reversed(steps):
        text = _read(written)
        folded = fold(text)
        if folded not in known:
            known.add(folded)
            found.append(Step(text, written, place))
    return tuple(reversed(found))


@lru_cache(maxsize=1024)
def _read(written: str) -> str:
    return current(read_prompt(Prompt(text=written)))


def _tidy(text: str) -> str:
    return " ".join(text.split()).strip(" .,;:")


def _counted(texts: tuple[str, ...]) -> list[tuple[int, str]]:
    """Each text with how far back it is, the last one being 1."""
    return list(zip(range(len(texts), 0, -1), texts, strict=True))


def _up(up: int) -> str:
    return "prompt of the clip this is a remix of" if up == 1 else f"prompt {up} clips up the remix chain"


def _ago(ago: int) -> str:
    return "the same person's prompt before this one" if ago == 1 else f"the same person's prompt {ago} before this one"
