"""From what a person typed to what the gate reads: disguises off, and every character with its place in the source.

The plain reading only undoes what no honest text needs (invisible characters, stacked marks, letters borrowed from another
script inside a word). Everything that could be a mistake becomes a further reading, judged like the first. It never raises,
whatever the text, and takes time linear in its length.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from classifiers.prompt import characters, decodings
from classifiers.prompt.confusables import FLIPPED_ONLY, latin_for, script
from classifiers.prompt.emoji import CODE_FOR_SEX, SUGGESTIVE
from classifiers.prompt.folding import fold_character
from classifiers.prompt.repairs import repair
from classifiers.prompt.tracing import Traced
from safety.prompt import MAX_PROMPT_CHARS, Prompt, ReadPrompt

#: Further readings are made of this many characters at most; the pipeline refuses longer prompts before.
MOST_CHARACTERS = MAX_PROMPT_CHARS
#: Readings beside the plain one.
MOST_READINGS = 6
_WORD = re.compile(r"[^\W_]+(?:[₳₵€₣₲₭₦₱₴₮][^\W_]+)*")
_SUGGESTIVE = re.compile(f"[{''.join(SUGGESTIVE)}][\\s\ufe0f\u200d]*(?:[{''.join(SUGGESTIVE)}][\\s\ufe0f\u200d]*)+")
#: Accents of the languages written in Latin letters around us; others on Latin letters are decoration.
_USUAL = frozenset("àâäæçéèêëîïôöœùûüÿñáíóúßåøãõìòčćšžęąłńśźżőűğışțăâ")


def read_prompt(prompt: Prompt) -> ReadPrompt:
    """The readings of ``prompt``. Never raises; ``len(plain) == len(origin)`` and every origin lies inside the text."""
    cleaned, undone = characters.clean(prompt.text)
    plain = _unmix(cleaned)
    if plain is not cleaned:
        undone.add("mixed scripts")
    readings: list[Traced] = []
    seen = {_key(plain.text)}
    for name, reading in _further(prompt.text, plain):
        key = _key(reading.text)
        if key not in seen and key:
            seen.add(key)
            readings.append(reading)
            undone.add(name)
        if len(readings) >= MOST_READINGS:
            break
    return ReadPrompt(
        prompt=prompt,
        plain=plain.text,
        origin=tuple(plain.origin),
        readings=tuple(r.text for r in readings),
        reading_origins=tuple(tuple(r.origin) for r in readings),
        disguises=tuple(sorted(undone)),
    )


def _further(source: str, plain: Traced) -> Iterator[tuple[str, Traced]]:
    """Candidates for further readings, the plain one's repairs first."""
    short = plain.cut(0, MOST_CHARACTERS)
    mended = repair(short)
    if mended is not short:
        yield "spelling", mended
    as_written = Traced(source[:MOST_CHARACTERS], range(min(len(source), MOST_CHARACTERS)))
    coded = as_written.substitute(_SUGGESTIVE, lambda _: f" {CODE_FOR_SEX} ")
    if coded is not as_written:
        yield "suggestive emoji", _again(coded)
    for name, found in decodings.embedded(as_written):
        inner = _again(found)
        yield name, inner
        yield name, repair(inner)
    for name, found in decodings.whole(mended):
        yield name, found
        yield name, repair(found)
    if mended is not short:
        for name, found in decodings.whole(short):
            yield name, repair(found)
    bare = _without_decoration(short)
    if bare is not None:
        yield "decorated letters", bare
        yield "decorated letters", repair(bare)
    lookalike = _all_lookalikes(short)
    if lookalike is not None:
        yield "lookalike letters", lookalike


def _again(found: Traced) -> Traced:
    """Clean a text made from the source, keeping places in the source."""
    inner, _ = characters.clean(found.text)
    return _unmix(Traced(inner.text, [found.origin[i] for i in inner.origin]))


def _unmix(text: Traced) -> Traced:
    """Words that mix Latin letters with lookalikes, in Latin; and lookalike-only words among Latin ones."""
    if text.text.isascii():
        return text
    genuine = dict.fromkeys(("cyrillic", "greek", "other"), False)
    latin = False
    for letter in set(text.text):
        kind = script(letter)
        latin = latin or kind == "latin"
        if kind in genuine and latin_for(letter) is None:
            genuine[kind] = True

    def to_latin(match: re.Match[str]) -> str | None:
        word = match.group()
        if word.isascii():
            return None
        kinds = {script(c) for c in word} - {"none"}
        foreign = kinds - {"latin"}
        if not foreign and not any(c in "₳₵€₣₲₭₦₱₴₮" for c in word):
            return None
        mixed = "latin" in kinds or len(kinds) > 1
        if mixed:
            return "".join(latin_for(c, loose=True) or c if not c.isascii() and script(c) != "latin" else c for c in word)
        if not latin or any(genuine[k] for k in foreign) or len(word) < 2:
            return None
        return "".join(latin_for(c) or c for c in word)

    return text.substitute(_WORD, to_latin)


def _without_decoration(text: Traced) -> Traced | None:
    """Latin letters without their accents, when the accents are not those of a language."""
    odd = sum(1 for c in text.text if c >= "\xc0" and script(c) == "latin" and c not in _USUAL)
    usual = sum(1 for c in text.text if c in _USUAL)
    letters = sum(1 for c in text.text if script(c) == "latin")
    if not odd and usual * 4 <= letters:
        return None
    if FLIPPED_ONLY.intersection(text.text):
        return None
    pieces = [
        (p, place) for c, place in zip(text.text, text.origin, strict=True) for p in (fold_character(c) if c.isalpha() else c)
    ]
    return Traced("".join(p for p, _ in pieces), [place for _, place in pieces])


def _all_lookalikes(text: Traced) -> Traced | None:
    """The Latin reading of a text in which every foreign letter passes for a Latin one and no Latin letter stands."""
    letters = {c for c in text.text if c.isalpha()}
    if not letters or any(script(c) == "latin" for c in letters) or any(latin_for(c) is None for c in letters):
        return None
    return Traced("".join(latin_for(c) or c for c in text.text), text.origin)


def _key(text: str) -> str:
    return " ".join(text.split())
