"""Why a recording is refused as an answer to a challenge: one reason each, as a code and a sentence."""

from __future__ import annotations

from typing import Literal, get_args

from consent.errors import ConsentError, LikenessRefused

Reason = Literal[
    "expired", "answered-before", "replayed", "no-face", "two-people", "still-picture", "another-person", "poor-picture",
    "wrong-turns", "no-speech", "wrong-words", "another-voice", "poor-sound", "unreadable", "taken", "duplicate",
]  # fmt: skip
REASONS: tuple[Reason, ...] = get_args(Reason)


class EnrolmentRefused(LikenessRefused):
    """The recording does not show that the person is there and did what was asked. ``reason`` is its code."""

    title = "The recording is not accepted"

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail, reason=reason)
        self.reason: Reason = reason


class UnknownChallenge(ConsentError):
    """No challenge has that id."""

    status, code, title, exit_code = 404, "unknown-challenge", "No such challenge", 4


class TooManyChallenges(ConsentError):
    """More challenges were asked for under one handle than anybody needs."""

    status, code, title, exit_code = 429, "too-many-challenges", "Too many challenges", 8
