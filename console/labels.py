"""What a grant may forbid, in a person's words: the titles that the policy gives its labels and topics."""

from __future__ import annotations

from collections.abc import Iterable

from safety.judge import PRESENT
from safety.policy import Clause, Policy
from safety.values import Value
from safety.verdict import Outcome

#: Labels that say how something was asked for, or who is in it, and not what it shows: nobody rules those out in a grant.
#: Labels of the shipped policy; one that a policy does not have is offered by no form.
NOT_SHOWN = frozenset({
    "injection", "built_up", "off_prompt", "realistic_face", "protected_person", "protected_voice", "enrolled_person",
    "enrolled_voice",
})  # fmt: skip


class Choice(Value):
    """One box to tick: labels that have the same title. ``topic`` is set for what is there for grants alone."""

    title: str
    labels: tuple[str, ...]
    topic: bool


def choices(policy: Policy, language: str) -> tuple[Choice, ...]:
    """Everything a person may rule out, topics first, each by title.

    What needs a permit anyway is left out, and what nobody may ask for at all: to offer that would say that it is a choice.
    """
    topics: dict[str, set[str]] = {}
    rules: dict[str, set[str]] = {}
    for label in policy.topics:
        topics.setdefault(title_of(policy, label, language), set()).add(label)
    for label in policy.forbiddable() - policy.topics.keys() - NOT_SHOWN:
        using = [clause for clause in _clauses(policy, label) if clause.unless is None]
        if using and not any(_always(clause, label) for clause in using):
            rules.setdefault(title_of(policy, label, language), set()).add(label)
    return tuple(
        Choice(title=title, labels=tuple(sorted(labels)), topic=topic)
        for group, topic in ((topics, True), (rules, False))
        for title, labels in sorted(group.items(), key=lambda item: item[0].casefold())
    )


def titles(policy: Policy, labels: Iterable[str], language: str) -> tuple[str, ...]:
    """What these labels are called, each title once."""
    return tuple(sorted({title_of(policy, label, language) for label in labels}, key=str.casefold))


def title_of(policy: Policy, label: str, language: str) -> str:
    """The topic's title, else that of the clause that blocks for the label, else of another; a label nobody knows is itself."""
    if label in policy.topics:
        return _said(policy.topics[label].title, language)
    using = sorted(_clauses(policy, label), key=lambda c: (c.outcome != Outcome.BLOCK, len(_said(c.title, language))))
    return _said(using[0].title, language) if using else label.replace("_", " ")


def _clauses(policy: Policy, label: str) -> list[Clause]:
    return [clause for clause in policy.clauses if any(c.label == label for c in clause.when.conditions)]


def _always(clause: Clause, label: str) -> bool:
    """Whether the clause blocks from the very score on from which a grant that forbids the label would."""
    alone = any(c.label == label and c.at_least <= PRESENT for c in clause.when.any) and not clause.when.all
    return alone and clause.outcome == Outcome.BLOCK


def _said(title: str | dict[str, str], language: str) -> str:
    return title if isinstance(title, str) else title.get(language, title["en"])
