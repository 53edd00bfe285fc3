"""Word by word: digits for letters, letters apart, points inside words, stars, stretched, turned or glued words.

These repairs may be wrong for an honest text ("3 cats in 2024", "U.S.A."), so they make a further reading and never touch the
plain one. A repair is taken only when its result is a word and what stood there was not.
"""

from __future__ import annotations

import codecs
import re
from functools import lru_cache
from itertools import product

from classifiers.prompt.folding import fold
from classifiers.prompt.lexicon import lexicon
from classifiers.prompt.tracing import Traced
from classifiers.prompt.vocabulary import LONGEST_RUN, vocabulary

#: What each sign stands for in leetspeak, likeliest first.
LEET: dict[str, str] = {
    "0": "o", "1": "il", "2": "z", "3": "e", "4": "a", "5": "s", "6": "gb", "7": "t", "8": "b", "9": "g", "@": "a", "$": "s",
    "!": "i", "|": "li", "+": "t", "€": "e", "£": "l", "(": "c", "¢": "c", "¥": "y", "§": "s", "µ": "u",
    "₳": "a", "₦": "n", "₱": "p", "₴": "s", "₮": "t",
}  # fmt: skip
#: "4k", "1080p", "24fps", "35mm", "20th", "10s", "f2": numbers with a unit are never leetspeak. A separator always stands between
#: two runs of digits, so that there is one way to match and nothing to try again: the time is linear.
_MEASURE = re.compile(
    r"\d+(?:[.,:x×]\d+)*[.,:x×]?(?:k|d|p|i|m|s|x|g|h|b|w|v|a|o|e|c|f|t|fps|mm|cm|km|kg|mb|gb|hz|khz|th|st|nd|rd|er|re|eme|ème|ers|hrs?|min|sec|am|pm|ans?|pc|de)?|[a-z]\d{1,2}|[a-z]{1,3}\d"
)
_TOKEN = re.compile(r"\S+")
_APART = re.compile(r"(?<![^\s])[^\s](?:[ \n\t]{1,4}[^\s]){2,}(?![^\s])")
_POINTS = re.compile(r"[\W_]+")
_STRETCHED = re.compile(r"(.)\1{2,}")
_PAIR = re.compile(r"(?<!\S)(\S{1,8}) (?=(\S{1,8})(?!\S))")
#: Signs that stand for one letter left out.
_STARS = "*#_•"
_LONGEST_TOKEN = 64
_MOST_GUESSES = 16


def repair(text: Traced) -> Traced:
    """``text`` with every repair that makes a word of what was none; the same object when there was none to make."""
    joined = text.substitute(_APART, _join_letters)
    words = joined.substitute(_TOKEN, lambda match: _mend(match.group()))
    return _join_pieces(words)


def _join_letters(match: re.Match[str]) -> str | None:
    """ "s e x" or "n 4 k e d  w o m a n": single characters apart; wider gaps are the gaps between words."""
    run = match.group()
    if len(run) > 2 * LONGEST_RUN:
        return None
    gaps = [len(gap) for gap in re.findall(r"\s+", run)]
    wide = max(gaps) if max(gaps) > min(gaps) else max(gaps) + 1
    words = ["".join(part.split()) for part in re.split(rf"\s{{{wide},}}", run)]
    mended = [_mend(word) or word for word in words]
    if not any(_letters(word) for word in mended):
        return None
    found: list[str] = []
    for word in mended:
        plain = fold(word).replace(" ", "")
        if _known(plain):
            found.append(plain)
            continue
        pieces = vocabulary().split(plain) if len(plain) >= 3 else None
        if pieces is None:
            guess = next((vocabulary().split(g) for g in _unleet(word) if len(g) >= 3 and vocabulary().split(g)), None)
            found.append(" ".join(guess) if guess else word)
        else:
            found.append(" ".join(pieces))
    answer = " ".join(found)
    return answer if any(len(word) > 2 and _known(word) for word in answer.split()) else None


@lru_cache(maxsize=8192)
def _mend(token: str) -> str | None:
    """A word that ``token`` disguises, with the punctuation around it, or None."""
    if len(token) > _LONGEST_TOKEN or len(token) < 3:
        return None
    body = token.strip(".,;:?\"'()[]{}<>«»“”‘’…")
    if len(body) < 3 or _MEASURE.fullmatch(body):
        return None
    calm = body.rstrip("!+|")
    if (plain := fold(calm)) and _known(plain) and not any(c in LEET and not c.isdigit() for c in calm):
        return None
    found = _solve(calm, plain) or (_solve(body, fold(body)) if body != calm and calm else None)
    if found is None or found == plain:
        return None
    start = token.find(body)
    return token[:start] + found + token[start + len(body) :]


def _solve(body: str, plain: str) -> str | None:
    """The first repair that makes a word of ``body``; ``plain`` is its fold."""
    joined = plain.replace(" ", "")
    found = _without_points(plain, joined) or _without_leet(body) or _without_stars(body) or _without_stretch(joined)
    return found or _turned(joined) or _unglued(joined)


def _without_points(plain: str, joined: str) -> str | None:
    """ "s.e.x", "po-rn": pieces of one word with punctuation between them."""
    if " " not in plain:
        return None
    pieces = plain.split()
    if joined not in lexicon().risky and len(pieces) == 2 and len(pieces[0]) >= 3 and _known(pieces[0]):
        return None  # "car's", "close-up": a word with something honest behind it
    short = sum(len(p) <= 2 for p in pieces) * 2 >= len(pieces)
    if joined in lexicon().risky or (short and len(joined) > 3 and _known(joined)):
        return joined
    words = vocabulary().split(joined) if short and len(pieces) > 3 else None
    return " ".join(words) if words is not None and len(words) < len(pieces) else None


def _without_leet(body: str) -> str | None:
    """ "n4k3d", "$ex": signs read as letters."""
    if not any(c in LEET for c in body) or not any(c.isalpha() for c in body):
        return None
    guesses = _unleet(body)
    for guess in guesses:
        if guess in lexicon().risky or (_known(guess) and len(guess) >= 3):
            return guess
    splits = (vocabulary().split(guess) for guess in guesses[:2] if len(guess) >= 8)
    return next((" ".join(words) for words in splits if words is not None), None)


def _without_stars(body: str) -> str | None:
    """ "p*rn": a wildcard for a letter of a risky word."""
    if not any(c in _STARS for c in body) or sum(c.isalpha() for c in body) < 2:
        return None
    letters = "".join(c if c in _STARS else fold(c)[:1] or "_" for c in body)
    shape = re.compile("".join("[a-z]" if c in _STARS else re.escape(c) for c in letters))
    return next((word for word in _risky_of_length(len(letters)) if shape.fullmatch(word)), None)


def _without_stretch(joined: str) -> str | None:
    """ "seeeex": a letter three times or more."""
    guesses = (_STRETCHED.sub(r"\1", joined), _STRETCHED.sub(r"\1\1", joined))
    return next((guess for guess in guesses if guess != joined and _known(guess)), None)


def _turned(joined: str) -> str | None:
    """ "nrop", "anxrq": a risky word backwards or in rot13."""
    if len(joined) < 4 or not joined.isalpha():
        return None
    guesses = (joined[::-1], codecs.encode(joined, "rot13") if joined.isascii() else "")
    return next((guess for guess in guesses if guess in lexicon().risky), None)


def _unglued(joined: str) -> str | None:
    """ "nakedwoman": several words without spaces."""
    if len(joined) < 9 or not joined.isalpha():
        return None
    words = vocabulary().split(joined)
    if words is None or sum(len(w) == 1 for w in words) * 3 > len(words):
        return None
    # Rare honest words fall apart too ("noc turn al"); only a run that hides a risky word is worth a reading.
    return " ".join(words) if any(word in lexicon().risky for word in words) else None


def _unleet(body: str) -> list[str]:
    """What ``body`` may spell once its signs are read as letters, likeliest first, at most ``_MOST_GUESSES``."""
    signs = sum(c in LEET for c in body)
    choices = [LEET.get(c, fold(c).replace(" ", "")) if c in LEET else [fold(c).replace(" ", "")] for c in body]
    if signs > 12:
        choices = [list(c)[:1] for c in choices]
    guesses: list[str] = []
    for letters in product(*choices):
        guess = "".join(letters)
        if guess not in guesses:
            guesses.append(guess)
        if len(guesses) >= _MOST_GUESSES:
            break
    return guesses


def _join_pieces(text: Traced) -> Traced:
    """ "na ked", "por n": two neighbours that make a risky word although one of them is no word."""

    def join(match: re.Match[str]) -> str | None:
        left, right = fold(match.group(1)), fold(match.group(2))
        if " " in left or " " in right or not left or not right:
            return None
        known = (len(left) > 1 and _known(left)) + (len(right) > 1 and _known(right))
        return match.group(1) if left + right in lexicon().risky and len(left + right) > 3 and known < 2 else None

    return text.substitute(_PAIR, join)


@lru_cache(maxsize=_LONGEST_TOKEN)
def _risky_of_length(length: int) -> tuple[str, ...]:
    """Risky words of more than three letters that a wildcard of ``length`` can stand for, in order."""
    return tuple(sorted(word for word in lexicon().risky if len(word) == length > 3))


def _known(word: str) -> bool:
    return word in vocabulary()


def _letters(word: str) -> bool:
    return any(c.isalpha() for c in word)
