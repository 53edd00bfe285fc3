"""Topics that a grant may forbid: found where they are told, silent where they are not, and each with its sentence."""

from __future__ import annotations

import pytest

from classifiers.errors import BrokenHeads
from classifiers.prompt import read_prompt, topic_heads, topics
from classifiers.prompt.topic_heads import TOPICS
from classifiers.prompt.training import topics_corpus as corpus
from safety.policy import DEFAULT, parse
from safety.prompt import Prompt
from safety.signal import Report

DETECTOR = topics.Topics()


def look(text: str) -> Report:
    return DETECTOR.detect(read_prompt(Prompt(text=text)))


def present(text: str) -> set[str]:
    return {s.label for s in look(text).signals if s.score >= 0.5}


SAID = {
    "politics": ("She asks the crowd to vote for her in the election", "un député parle à l'Assemblée nationale"),
    "religion": ("a priest says mass for the congregation", "elle prie à genoux dans la mosquée"),
    "swimwear_or_underwear": ("she walks along the shore in a tiny bikini", "il danse en slip devant la glace"),
    "alcohol_or_drugs": ("he downs another whisky and staggers", "ils trinquent au champagne"),
    "smoking": ("she lights a cigarette at the window", "il tire sur son cigare"),
    "gambling": ("he bets his last chips at the roulette table", "elle mise tout au casino"),
    "advertising": ("buy this shampoo today, she says, twenty percent off", "une publicité pour une voiture"),
    "romance": ("they kiss under the stars, deeply in love", "un baiser passionné sur le quai"),
    "medical": ("this herb cures cancer, he tells the patients", "un chirurgien opère à l'hôpital"),
    "weapon": ("she points a pistol at the door", "il brandit une épée"),
}


@pytest.mark.parametrize(("topic", "text"), [(t, text) for t, texts in SAID.items() for text in texts])
def test_each_topic_is_found_in_english_and_in_french(topic: str, text: str) -> None:
    assert topic in present(text)


@pytest.mark.parametrize(
    "text",
    [
        "a dog runs on a beach at sunset",
        "two children build a sandcastle",
        "an old man feeds pigeons in a park",
        "un chat dort sur un canapé rouge",
        "a train crosses a bridge in the snow",
        "",
    ],
)
def test_everyday_scenes_are_about_none(text: str) -> None:
    assert present(text) == set()


def test_a_topic_named_once_in_a_long_description_is_found_and_its_sentence_is_the_evidence() -> None:
    calm = "The camera glides over a quiet lake while the morning mist slowly lifts from the reeds and a heron waits. "
    text = calm * 6 + "Then he lights a cigarette and blows the smoke away. " + calm * 6
    (signal,) = [s for s in look(text).signals if s.label == "smoking"]
    (evidence,) = signal.evidence
    assert signal.score >= 0.5
    assert evidence.span is not None
    assert "cigarette" in text[evidence.span.start : evidence.span.end]
    assert evidence.span.end - evidence.span.start < 200


def test_a_disguised_word_is_read_through_its_disguise() -> None:
    assert "swimwear_or_underwear" in present("she walks along the shore in a b1k1n1")


def test_a_text_with_too_much_to_read_is_a_failure_not_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(topics, "MOST_READ", 1)
    smoke = "She lights a cigarette and smokes it slowly at the window while it rains on the roofs of the old town tonight. "
    drink = "He pours a whisky and drinks it at the bar while somebody plays the piano and nobody listens to him any more."
    failed = look(smoke + drink)
    assert failed.failure is not None
    assert failed.signals == ()


def test_most_everyday_captions_cost_nothing_more() -> None:
    asked = []
    heads = topic_heads.topic_heads()

    class Counting:
        def suspicion(self, seen: object) -> object:
            return heads.suspicion(seen)  # type: ignore[arg-type]

        def read(self, texts: list[str], words: bool) -> object:
            asked.append(len(texts))
            return heads.read(texts, words)

    short = [text for text in corpus.benign()[::6] if len(text.split()) <= topics.PIECE]
    captions = [text for text in short if [*corpus.known_by_words(text).values()] == [0] * len(TOPICS)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(topics, "topic_heads", Counting)
        for text in captions:
            look(text)
    assert len(captions) > 80
    assert len(asked) < 0.35 * len(captions)


def test_weights_for_other_topics_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    topic_heads.topic_heads.cache_clear()
    monkeypatch.setattr(topic_heads, "TOPICS", TOPICS[:-1])
    with pytest.raises(BrokenHeads, match=r"training\.topics"):
        topic_heads.topic_heads()
    monkeypatch.undo()
    topic_heads.topic_heads.cache_clear()


def test_every_topic_can_be_forbidden_under_the_shipped_policy() -> None:
    assert parse(DEFAULT.read_text("utf-8")).grantable("prompt") == DETECTOR.labels


def test_pieces_are_whole_sentences_and_lose_no_word() -> None:
    text = "One two. Three four! " + "word " * 70 + "End; fin."
    cut = topics.pieces(text)
    assert " ".join(text[a:b] for a, b in cut).split() == text.split()
    assert all(len(text[a:b].split()) <= topics.PIECE for a, b in cut)


def test_nothing_of_what_is_reported_was_trained_on(monkeypatch: pytest.MonkeyPatch) -> None:
    halves = [row for row in corpus.corpus._benign_sets() if row.source in ("vbench", "partiprompts")]
    monkeypatch.setattr(corpus.corpus, "rows", lambda spoken: halves)
    rows = corpus.rows()
    trained = {r.text.casefold() for r in rows if corpus.split_of(r) != "test"}
    assert not trained & {r.text.casefold() for r in corpus.unseen()}
    families = {r.group for r in rows if corpus.split_of(r) == "train"}
    assert not families & {r.group for r in rows if corpus.split_of(r) == "test"}
    assert not trained & {text.casefold() for text in corpus.benign()}


def test_there_are_forty_unseen_lines_of_every_topic() -> None:
    for topic in TOPICS:
        assert sum(r.known.get(topic) == 1 for r in corpus.unseen()) >= 40
