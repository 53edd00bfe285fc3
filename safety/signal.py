"""What a detector says, and where it saw it.

A detector never decides. It answers with one ``Report``: the labels it looked for, what it found, or why it could not look.
A report that failed is not the same as a report that found nothing; the policy holds on the first.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from safety.values import Value

#: Where the words of a clip stand: what is said, what is to be read in the picture, and the clip told in order.
Medium = Literal["speech", "writing", "order"]
MEDIA: tuple[Medium, ...] = ("speech", "writing", "order")

Score = Annotated[float, Field(ge=0.0, le=1.0, allow_inf_nan=False)]


class Span(Value):
    """Half-open range of characters in the source text the user wrote."""

    start: int = Field(ge=0)
    end: int = Field(ge=0)


class Box(Value):
    """A rectangle in a frame, as fractions of width and height from the top left corner."""

    x: float
    y: float
    w: float
    h: float


class Evidence(Value):
    """Where a signal was seen. Every field is optional; give all that is known.

    ``span``: characters of the prompt or transcript. ``time``: seconds from, to. ``frame``: index of the sampled frame.
    ``box``: place in that frame. ``text``: a short excerpt, never longer than 200 characters. ``reference``: id of the person
    or reservation that was matched. ``note``: how, in a few words.
    """

    span: Span | None = None
    time: tuple[float, float] | None = None
    frame: int | None = None
    box: Box | None = None
    text: str | None = Field(default=None, max_length=200)
    reference: str | None = None
    note: str | None = None


class Signal(Value):
    """One label with a calibrated score between 0 and 1, the detector that gave it, and its evidence.

    ``medium`` is set when a prompt detector saw it in words of a clip.
    """

    label: str
    score: Score
    detector: str
    evidence: tuple[Evidence, ...] = ()
    medium: Medium | None = None

    @property
    def references(self) -> frozenset[str]:
        """Ids of the people or reservations this signal is about."""
        return frozenset(e.reference for e in self.evidence if e.reference)


class Report(Value):
    """One detector's whole answer about one prompt or clip.

    ``labels`` are those it is answerable for; ``failure`` is a sentence when it crashed or was late, and then ``signals`` is
    empty. With a ``medium`` it is about those words of a clip, of which there may be none.
    """

    detector: str
    labels: frozenset[str]
    signals: tuple[Signal, ...] = ()
    failure: str | None = None
    milliseconds: float = 0.0
    medium: Medium | None = None

    @property
    def references(self) -> frozenset[str]:
        """Ids of everybody and everything its signals are about."""
        return frozenset(r for s in self.signals for r in s.references)
