"""A second opinion by an instruction-tuned guard model, over any OpenAI-compatible address; off unless one is set.

It sends the prompt as the gate reads it, waits to its deadline, and answers like any detector. Whatever goes wrong (late,
unreachable, an error, nonsense, too long) is a report with ``failure``, on which the policy holds. It follows no redirect, takes
no proxy from the environment, and never writes the key, the address or the model's words into a failure.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from time import monotonic
from urllib.parse import urlsplit

import httpx

from classifiers.prompt.guard_formats import MOST_TOKENS, NoSense, Style, labels_of, messages, read
from safety.errors import BadInput
from safety.prompt import ReadPrompt
from safety.settings import Settings, read_settings
from safety.signal import Evidence, Report, Signal

#: Further readings that are sent beside the plain one.
MOST_READINGS = 2
#: Longest answer in bytes; the longest honest one, with the probabilities of its tokens, has some twenty thousand.
MOST_BYTES = 128 * 1024
#: How much longer than its own deadline the gate waits for this detector, so that its own sentence is the one that is read.
GRACE = 1.0
#: Questions that may be under way at once.
_CONNECTIONS = 8


class NoAnswer(Exception):
    """There is no second opinion; the message says why in a few words, without the key or the address."""


class GuardModel:
    """The detector. ``patience`` tells the gate how long to wait for it."""

    def __init__(self, url: str, model: str, style: Style, seconds: float, key_file: Path | None = None) -> None:
        self.name = f"{style}/1"
        self.labels = labels_of(style)
        self.patience = seconds + GRACE
        self._address = url.rstrip("/") + "/chat/completions"
        self._model, self._style, self._seconds, self._key_file = model, style, seconds, key_file

    def detect(self, prompt: ReadPrompt) -> Report:
        """Ask once; a signal for each label that the model names."""
        texts = [text for text in prompt.texts[: 1 + MOST_READINGS] if any(c.isalnum() for c in text)]
        if not texts:
            return Report(detector=self.name, labels=self.labels)
        try:
            found = read(self._style, self._ask(texts))
        except NoAnswer as reason:
            return self._failed(str(reason))
        except NoSense as reason:
            return self._failed(f"gave an answer that cannot be used: {reason}")
        evidence = (Evidence(note=f"in the opinion of {self._model}"[:200]),)
        signals = (
            Signal(label=label, score=score, detector=self.name, evidence=evidence) for label, score in sorted(found.items())
        )
        return Report(detector=self.name, labels=self.labels, signals=tuple(signals))

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()

    def _failed(self, why: str) -> Report:
        return Report(detector=self.name, labels=self.labels, failure=f"The second opinion {self.name} {why}.")

    def _ask(self, texts: Sequence[str]) -> bytes:
        """The body of the server's answer. Raises ``NoAnswer``."""
        headers = {"Content-Type": "application/json", "Accept-Encoding": "identity", **self._authorization()}
        end = monotonic() + self._seconds
        late = f"did not answer within {self._seconds:g} s"
        try:
            with self._client.stream("POST", self._address, content=self._question(texts), headers=headers) as response:
                if response.status_code != httpx.codes.OK:
                    raise NoAnswer(f"answered with status {response.status_code}")
                body = bytearray()
                for piece in response.iter_raw():
                    body += piece
                    if len(body) > MOST_BYTES:
                        raise NoAnswer(f"answered with more than {MOST_BYTES:,} bytes")
                    if monotonic() > end:
                        raise NoAnswer(late)
        except httpx.TimeoutException:
            raise NoAnswer(late) from None
        except httpx.HTTPError as reason:
            raise NoAnswer(f"could not be reached ({type(reason).__name__})") from None
        return bytes(body)

    def _question(self, texts: Sequence[str]) -> bytes:
        asked: dict[str, object] = {
            "model": self._model, "messages": messages(self._style, texts), "temperature": 0, "stream": False,
            "max_tokens": MOST_TOKENS[self._style],
        }  # fmt: skip
        if self._style == "llama-guard":
            asked |= {"logprobs": True, "top_logprobs": 5}
        return json.dumps(asked).encode()  # escapes everything, half a surrogate pair too

    def _authorization(self) -> dict[str, str]:
        """The key's header, read anew each time so that a new key needs no restart."""
        if self._key_file is None:
            return {}
        try:
            key = self._key_file.read_text("ascii").strip()
        except (OSError, UnicodeDecodeError) as reason:
            raise NoAnswer(f"has a key file that cannot be read ({type(reason).__name__})") from None
        if not key.isprintable() or not key or " " in key:
            raise NoAnswer("has a key file without one key in it")
        return {"Authorization": f"Bearer {key}"}

    @cached_property
    def _client(self) -> httpx.Client:
        """One pool of connections for the life of the process."""
        limits = httpx.Limits(max_connections=_CONNECTIONS, max_keepalive_connections=_CONNECTIONS)
        return httpx.Client(trust_env=False, follow_redirects=False, timeout=self._seconds, limits=limits)


def configured(settings: Settings | None = None) -> GuardModel | None:
    """The detector that the settings ask for; None without an address. Raises ``BadInput`` for settings that cannot work."""
    s = settings or read_settings()
    if not s.guard_url:
        return None
    address = urlsplit(s.guard_url)
    if address.scheme not in ("http", "https") or not address.hostname:
        raise BadInput("The setting CLEARANCE_GUARD_URL must be an http or https address, as in http://127.0.0.1:8000/v1.")
    if address.username or address.password or address.query:
        raise BadInput("The setting CLEARANCE_GUARD_URL must not carry a key; put it into a file, CLEARANCE_GUARD_KEY_FILE.")
    if not s.guard_model:
        raise BadInput("CLEARANCE_GUARD_URL is set and CLEARANCE_GUARD_MODEL is not; name the model that the server should use.")
    if s.guard_key_file is not None and not s.guard_key_file.is_file():
        raise BadInput(f"There is no key file {s.guard_key_file}; CLEARANCE_GUARD_KEY_FILE names it.")
    return GuardModel(s.guard_url, s.guard_model, s.guard_style, s.guard_seconds, s.guard_key_file)
