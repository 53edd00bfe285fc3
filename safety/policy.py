"""The policy: one YAML file with a closed vocabulary, read strictly.

A clause names labels and thresholds; a detector never does. A label that no detector emits is an error at load, and so is a
detector's label that no clause uses: both are how rules rot in silence.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal, Self

import yaml
from pydantic import ConfigDict, Field, ValidationError, model_validator

from safety.errors import ClearanceError
from safety.signal import MEDIA, Medium, Score
from safety.values import Value, canonical, digest
from safety.verdict import GATES, Gate, Outcome

DEFAULT = Path(__file__).parent / "policies" / "default.yaml"
#: A policy is read by people; a file larger than this is not one.
MAX_BYTES = 1_000_000


class PolicyError(ClearanceError):
    """The policy file cannot be used; its editor's move. Until it is mended every verdict is ``hold``."""

    status, code, title, exit_code = 422, "policy", "The policy cannot be used", 2


class Condition(Value):
    """``label`` seen with a score of at least ``at_least``."""

    label: str = Field(min_length=1)
    at_least: Score = 0.5


class When(Value):
    """Met when every condition of ``all`` is met and, if ``any`` is given, at least one of those."""

    any: tuple[Condition, ...] = ()
    all: tuple[Condition, ...] = ()

    @model_validator(mode="after")
    def _not_empty(self) -> Self:
        if not self.any and not self.all:
            raise ValueError("a clause without a condition would never, or always, apply")
        return self

    @property
    def conditions(self) -> tuple[Condition, ...]:
        return (*self.any, *self.all)


class Ground(Value):
    """Why in law: illegal content (with the law) or incompatible with the terms (with the paragraph), as DSA article 17 asks."""

    kind: Literal["ILLEGAL_CONTENT", "INCOMPATIBLE_CONTENT"]
    reference: str


class Example(Value):
    """A test that lives in the policy: a prompt, or signals given by hand, and the outcome of this clause's gate."""

    prompt: str | None = None
    signals: dict[str, Score] | None = None
    permitted: bool = False
    outcome: Outcome

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if (self.prompt is None) == (self.signals is None):
            raise ValueError("an example has either a prompt or signals")
        return self


class Clause(Value):
    """One rule. ``title``, ``says`` and ``passes`` are what the user reads, by language; ``en`` is required.

    A title may also be one text for every language. A clause of the prompt gate is also held against the words of a clip, in
    each medium of ``clip_words``: what is written or said in it is judged as if somebody had asked for it.
    """

    code: str = Field(pattern=r"^[A-Z][A-Z0-9-]{1,31}$")
    title: str | dict[str, str]
    gate: Gate
    clip_words: tuple[Medium, ...] = MEDIA
    when: When
    unless: Literal["permit"] | None = None
    outcome: Literal[Outcome.HOLD, Outcome.BLOCK]
    says: dict[str, str]
    passes: dict[str, str] = {}
    ground: Ground
    examples: tuple[Example, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _speaks_english(self) -> Self:
        if not self.says.get("en"):
            raise ValueError("says.en is missing")
        if isinstance(self.title, dict) and not self.title.get("en"):
            raise ValueError("title.en is missing")
        return self


class Topic(Value):
    """A label that no clause needs to use and that a person's grant may forbid; ``gates`` are those that must look for it then.

    With the prompt gate it is looked for in the words of a clip too.
    """

    title: dict[str, str]
    gates: tuple[Gate, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _speaks_english(self) -> Self:
        if not self.title.get("en"):
            raise ValueError("title.en is missing")
        return self


class Policy(Value):
    """The whole file. An empty one is valid and holds everything. ``topics`` (``grantable`` in the file) are for grants alone."""

    # It is read back from what it was written as: the field's name in the file is the one that is written.
    model_config = ConfigDict(frozen=True, extra="forbid", serialize_by_alias=True)

    name: str
    version: str
    topics: dict[str, Topic] = Field(default={}, alias="grantable", exclude_if=lambda v: not v)
    clauses: tuple[Clause, ...] = ()

    @model_validator(mode="after")
    def _codes_are_unique(self) -> Self:
        codes = [c.code for c in self.clauses]
        twice = sorted({c for c in codes if codes.count(c) > 1})
        if twice:
            raise ValueError(f"the code {twice[0]} is used twice")
        return self

    @model_validator(mode="after")
    def _topics_are_their_own(self) -> Self:
        for gate in GATES:
            both = sorted(self.grantable(gate) & self.labels(gate))
            if both:
                raise ValueError(f"the label {both[0]} is grantable and used by a {gate} clause; grants may forbid it as it is")
        return self

    @property
    def hash(self) -> str:
        """Digest of the meaning, not of the file: comments and order of keys do not change it."""
        meaning = self.model_dump(mode="json")
        for clause in meaning["clauses"]:
            if clause["gate"] == "clip" or clause["clip_words"] == list(MEDIA):  # policies from before it keep their hash
                del clause["clip_words"]
        return digest(canonical(meaning))

    def labels(self, gate: Gate) -> frozenset[str]:
        """Labels that clauses of ``gate`` use."""
        return frozenset(c.label for clause in self.clauses if clause.gate == gate for c in clause.when.conditions)

    def grantable(self, gate: Gate) -> frozenset[str]:
        """Labels that a grant may forbid although no clause of ``gate`` uses them."""
        return frozenset(label for label, topic in self.topics.items() if gate in topic.gates)

    def forbiddable(self) -> frozenset[str]:
        """Every label that a grant may forbid: those of the clauses and those there for grants alone."""
        return self.labels("prompt") | self.labels("clip") | self.topics.keys()

    def word_labels(self, medium: Medium) -> frozenset[str]:
        """Labels of the prompt gate that words of a clip in ``medium`` are held against."""
        reading = (c for c in self.clauses if c.gate == "prompt" and medium in c.clip_words)
        return frozenset(c.label for clause in reading for c in clause.when.conditions)


def parse(text: str, source: str = "policy") -> Policy:
    """Read a policy from YAML text. Raises ``PolicyError`` with the place and the reason."""
    if len(text) > MAX_BYTES:
        raise PolicyError(f"{source} is larger than {MAX_BYTES} characters; a policy is not.")
    try:
        return Policy.model_validate(yaml.safe_load(text))
    except yaml.YAMLError as reason:
        mark = getattr(reason, "problem_mark", None)
        where = f" in line {mark.line + 1}" if mark else ""
        raise PolicyError(f"{source} is not YAML{where}; its editor must mend it.") from reason
    except ValidationError as reason:
        first = reason.errors()[0]
        raise PolicyError(f"{source}, {_place(text, first['loc'])}: {_words(str(first['msg']))}.") from reason


def load(path: Path, emitted: Mapping[Gate, Iterable[str]]) -> Policy:
    """Read the policy file and hold it against the labels that detectors emit, by gate."""
    try:
        policy = parse(path.read_text("utf-8"), path.name)
    except (OSError, UnicodeDecodeError) as reason:
        raise PolicyError(
            f"The policy file {path} cannot be read ({type(reason).__name__}); its operator must restore it."
        ) from reason
    check_labels(policy, emitted)
    return policy


def check_labels(policy: Policy, emitted: Mapping[Gate, Iterable[str]]) -> None:
    """Raise ``PolicyError`` for a label nobody emits and for one that no clause uses and no grant may forbid."""
    for gate in GATES:
        used, known = policy.labels(gate), frozenset(emitted.get(gate, ()))
        for clause in policy.clauses:
            for condition in clause.when.conditions:
                if clause.gate == gate and condition.label not in known:
                    raise PolicyError(
                        f"Clause {clause.code} uses the label {condition.label!r}, which no {gate} detector emits; "
                        f"known are {', '.join(sorted(known))}."
                    )
        unseen = sorted(policy.grantable(gate) - known)
        if unseen:
            raise PolicyError(
                f"The label {unseen[0]!r} is grantable at the {gate} gate, where no detector emits it; name other gates."
            )
        idle = sorted(known - used - policy.topics.keys())
        if policy.clauses and idle:
            label = idle[0]
            raise PolicyError(
                f"No {gate} clause uses the label {label!r} that a detector emits; add a clause or remove the detector."
            )


def _place(text: str, loc: tuple[int | str, ...]) -> str:
    """The clause's code when there is one, then the path of the field."""
    path = ".".join(str(p) for p in loc)
    if len(loc) > 1 and loc[0] == "clauses" and isinstance(loc[1], int):
        raw = yaml.safe_load(text)["clauses"][loc[1]]
        if isinstance(raw, dict) and isinstance(raw.get("code"), str):
            return f"clause {raw['code']}, {'.'.join(str(p) for p in loc[2:]) or 'as a whole'}"
    return path or "as a whole"


def _words(message: str) -> str:
    return message.removeprefix("Value error, ").rstrip(".")
