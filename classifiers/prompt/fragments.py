"""Words that are spelt out over several prompts: letters painted one step at a time, a name given in two halves, a code word.

Each step gives up its fragments (quoted pieces, capitals, what follows "called" or "the letters", words nobody knows); the
fragments of several steps are put together, and what they spell is looked up. A word that stands whole in one step is not this
module's business.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from classifiers.prompt.folding import fold
from classifiers.prompt.lexicon import Hit, lexicon
from classifiers.prompt.vocabulary import vocabulary

#: Fragments taken from one step, and steps put together, at most: some eighty spellings a prompt, each looked up in microseconds.
MOST_FRAGMENTS, MOST_STEPS = 4, 3
#: Shortest word that is taken for spelt out; shorter ones come about by accident.
LEAST_LETTERS = 4
#: Labels whose single words nobody puts together by accident. "VO" and "TE" on a wall spell nothing worse than "vote".
SPELT = frozenset({"sexual", "violence", "gore", "self_harm", "hate", "illegal", "impersonation"})
_QUOTED = re.compile(r"[\"“”«»„]\s*([^\"“”«»„]{1,32}?)\s*[\"“”«»„]|(?<!\w)['‘]([^'’]{1,32})['’](?!\w)")
_CAPITALS = re.compile(r"(?<!\w)[^\W\d_]{1,6}(?!\w)")
_AFTER_CUE = re.compile(
    r"\b(?:called|named|name is|surname(?: is)?|nickname(?: is)?|letters?|syllables?|word is|half(?: of [\w ]{1,20})? is|spells?|"
    r"appelle|appel[eé]e?|nomm[eé]e?|pr[eé]nom(?: est)?|nom(?: est)?|lettres?|syllabes?|mot est|moiti[eé](?: [\w ]{1,20})? est)"
    r"\s*:?\s+(?:him |her |it |le |la )?([^\W\d_]{1,24})",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]{2,24}")
_MEANS = re.compile(
    r"\b([^\W\d_]{2,24}) "
    r"(?:stands for|means|is (?:a |my |our )?(?:code|word) for|is short for|veut dire|signifie|remplace le mot) "
    r"([^.,;:!?\n]{3,80})",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Spelling:
    """What the fragments of several steps spell: run together or as words; ``joints`` are where one step's piece ends, ``steps``
    the numbers of those steps."""

    text: str
    joints: tuple[int, ...]
    steps: tuple[int, ...]

    def crosses(self, start: int, end: int) -> bool:
        """Whether [start, end) of the text needs pieces of more than one step."""
        return any(start < joint < end for joint in self.joints)


def spellings(steps: Sequence[str]) -> Iterator[Spelling]:
    """What fragments of several ``steps`` (as typed, the current one last) spell, one of the last step's always among them."""
    last = fragments(steps[-1])
    if not last:
        return
    given = [(i, found) for i, step in enumerate(steps[:-1]) if (found := fragments(step))] + [(len(steps) - 1, last)]
    given = given[-MOST_STEPS:]
    for count in range(2, len(given) + 1):
        chosen = given[-count:]
        for parts in product(*(found for _, found in chosen)):
            numbers = tuple(i for i, _ in chosen)
            for gap in (" ", ""):
                ends, length = [], 0
                for part in parts[:-1]:
                    length += len(part)
                    ends.append(length)
                    length += len(gap)
                yield Spelling(gap.join(parts), tuple(ends), numbers)


def spelt(steps: Sequence[str]) -> tuple[Spelling, Hit] | None:
    """The first forbidden word or public name that only several steps together spell."""
    for spelling in spellings(steps):
        for hit in lexicon().find(spelling.text):
            whole = hit.end - hit.start >= LEAST_LETTERS and hit.start < spelling.joints[0]
            if hit.label in SPELT and whole and spelling.crosses(hit.start, hit.end):
                return spelling, hit
    return None


def fragments(written: str) -> tuple[str, ...]:
    """The pieces of ``written`` that may belong to a word spelt over several prompts, folded, likeliest first."""
    found = [match.group(1) or match.group(2) for match in _QUOTED.finditer(written)]
    if any(c.islower() for c in written):
        found += [word for word in _CAPITALS.findall(written) if word.isupper() and len(word) > 1]
    found += [match.group(1) for match in _AFTER_CUE.finditer(written)]
    words = fold(written).split()
    found += [word for word in _WORD.findall(written) if not all(w in vocabulary() for w in fold(word).split())]
    if len(words) == 1:
        found += words
    folded = (fold(piece) for piece in found)
    return tuple(dict.fromkeys(piece for piece in folded if piece))[:MOST_FRAGMENTS]


def decode(text: str, steps: Sequence[str]) -> str | None:
    """``text`` with the code words that ``steps`` gave a meaning replaced by it; None when it uses none."""
    meant = {match.group(1).lower(): match.group(2).strip() for step in steps for match in _MEANS.finditer(step)}
    if not meant:
        return None
    words = "|".join(re.escape(word) for word in meant)
    pattern = re.compile(rf"\b({words})(?:s|es)?\b", re.IGNORECASE)
    read = pattern.sub(lambda match: meant[match.group(1).lower()], text)
    return read if read != text else None
