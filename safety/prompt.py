"""What a person asked for, as they wrote it, and as it reads once disguises are taken off."""

from __future__ import annotations

from pydantic import Field

from safety.signal import Medium
from safety.values import Value, canonical, digest

#: Longer prompts are refused at the door (413): no video prompt needs more, and every detector stays within its deadline.
MAX_PROMPT_CHARS = 20_000


class Earlier(Value):
    """What came before a prompt, the oldest first: the prompts of the clips it remixes, and what the same person asked for."""

    remixed: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()


class Prompt(Value):
    """The text, the language it declares (BCP 47) or that was detected, if any, and what came before it.

    A detector may read what came before; the digest, and so every verdict, is about the text alone. With a ``medium`` nobody
    asked for it: these are words of a clip, put before the prompt gate.
    """

    text: str
    language: str | None = None
    medium: Medium | None = None
    earlier: Earlier = Field(default=Earlier(), repr=False)

    @property
    def digest(self) -> str:
        """What a verdict about this prompt is bound to."""
        return digest(canonical(self.text))


class ReadPrompt(Value):
    """A prompt after normalisation: what the gate reads.

    ``plain`` is the text without disguise, lower case, and ``origin[i]`` the index in ``prompt.text`` that character ``i`` came
    from. ``readings`` are further readings of the same text (reversed, decoded from base64 or rot13, ...), each judged like
    the first, and ``reading_origins`` their maps back, where known. ``disguises`` names what was undone.
    """

    prompt: Prompt
    plain: str
    origin: tuple[int, ...] = Field(repr=False)
    readings: tuple[str, ...] = ()
    reading_origins: tuple[tuple[int, ...], ...] = Field(default=(), repr=False)
    disguises: tuple[str, ...] = ()

    @property
    def texts(self) -> tuple[str, ...]:
        """Every reading to be judged, the plain one first."""
        return (self.plain, *self.readings)
