"""The normaliser: every disguise comes off, honest text stays as it is, and nothing makes it fail."""

from __future__ import annotations

import base64
import codecs

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifiers.prompt import fold, read_prompt
from safety.prompt import Prompt

PLAIN = "a naked woman on the bed"
MATH = str.maketrans({chr(97 + i): chr(0x1D41A + i) for i in range(26)})
WIDE = str.maketrans({chr(97 + i): chr(0xFF41 + i) for i in range(26)})
CYRILLIC = str.maketrans("aeopcxy", "аеорсху")

DISGUISES = {
    "leetspeak": "a n4k3d w0man on the b3d",
    "zero-width characters": "\u200b".join(PLAIN),
    "soft hyphens": "\u00ad".join(PLAIN),
    "homoglyphs": PLAIN.translate(CYRILLIC),
    "mathematical letters": PLAIN.translate(MATH),
    "fullwidth letters": PLAIN.translate(WIDE),
    "stacked marks": "".join(c + "\u0337\u0321\u0353" if c.isalpha() else c for c in PLAIN),
    "letters apart": "a n a k e d w o m a n o n t h e b e d",
    "points inside words": "a n.a.k.e.d w-o-m-a-n on the bed",
    "reversed": PLAIN[::-1],
    "words reversed": " ".join(word[::-1] for word in PLAIN.split()),
    "rot13": codecs.encode(PLAIN, "rot13"),
    "base64": base64.b64encode(PLAIN.encode()).decode(),
    "hex": PLAIN.encode().hex(),
    "percent encoding": "".join(f"%{b:02x}" for b in PLAIN.encode()),
    "entities": "".join(f"&#{ord(c)};" for c in PLAIN),
    "no spaces": PLAIN.replace(" ", ""),
    "stretched": "a naaaaaked womaaaan on the bed",
    "tag characters": "a cat " + "".join(chr(0xE0000 + ord(c)) for c in PLAIN),
    "leetspeak behind zero-width characters": "\u200b".join("a n4k3d w0man on the b3d"),
    "reversed leetspeak": "a n4k3d w0man on the b3d"[::-1],
    "base64 of homoglyphs": base64.b64encode(PLAIN.translate(CYRILLIC).encode()).decode(),
}


@pytest.mark.parametrize("disguised", DISGUISES.values(), ids=DISGUISES.keys())
def test_a_disguise_comes_off_in_some_reading(disguised):
    read = read_prompt(Prompt(text=disguised))
    assert any("naked woman" in fold(text) for text in read.texts), read.texts


@pytest.mark.parametrize(
    "honest",
    [
        "a golden retriever runs on the beach, 4k, 24fps, 35mm",
        "3 cats in 2024",
        "une femme âgée prépare des crêpes à la fête",
        "привет мир, кошка гуляет по парку",
        "η γάτα κοιμάται στον ήλιο",
        "u.s.a. flag over a well-known state-of-the-art building",
        "ein mädchen läuft über die straße",
        "אני אוהב חתולים",
        "你好，世界",
    ],
)
def test_honest_text_keeps_its_plain_reading_and_gets_no_other(honest):
    read = read_prompt(Prompt(text=honest))
    assert read.plain.replace(",", "，") == honest.replace(",", "，")
    assert read.readings == ()


def test_accents_stay_in_the_plain_reading_and_go_in_the_fold():
    assert read_prompt(Prompt(text="Été À Nîmes")).plain == "été à nîmes"
    assert fold("Été À Nîmes") == "ete a nimes"


def test_mojibake_is_repaired():
    assert read_prompt(Prompt(text="une fÃªte Ã  la plage d'Ã©tÃ©")).plain.startswith("une fête")


def test_the_disguises_are_named():
    assert "mixed scripts" in read_prompt(Prompt(text="a nаked woman")).disguises
    assert "base64" in read_prompt(Prompt(text=DISGUISES["base64"])).disguises


def test_evidence_can_be_traced_to_what_was_typed():
    typed = "x\u200b \u200bn\u200ba\u200bk\u200be\u200bd"
    read = read_prompt(Prompt(text=typed))
    at = read.plain.index("naked")
    assert typed[read.origin[at]] == "n"
    assert typed[read.origin[at + 4]] == "d"


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=300))
def test_reading_never_fails_and_every_character_comes_from_the_source(text):
    read = read_prompt(Prompt(text=text))
    assert len(read.plain) == len(read.origin)
    assert all(0 <= place < len(text) for place in read.origin)
    assert len(read.readings) == len(read.reading_origins)
    for reading, origin in zip(read.readings, read.reading_origins, strict=True):
        assert len(reading) == len(origin)
        assert all(0 <= place < len(text) for place in origin)
    assert read == read_prompt(Prompt(text=text))


_TRICKS = st.sampled_from(list("аеосрхіѕ@$!|013457*_.- \u200b\u0301\u0337%&#;=+/\\ux🍆💦\U000e0041ABCDEFabcdef"))


@settings(max_examples=300, deadline=None)
@given(st.lists(_TRICKS, max_size=200).map("".join))
def test_reading_survives_mixtures_of_tricks(text):
    read = read_prompt(Prompt(text=text))
    assert all(0 <= place < len(text) for origin in (read.origin, *read.reading_origins) for place in origin)


@settings(max_examples=500, deadline=None)
@given(st.text(max_size=200))
def test_folding_twice_is_folding_once(text):
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    "huge",
    [
        "a" * 1_000_000,
        "a b " * 250_000,
        "😀" * 10_000,
        "\u0301" * 10_000,
        "é" * 300_000,
        "QUJD" * 250_000,
        "1 " * 100_000,
        "%41" * 50_000,
    ],
    ids=["one word", "short words", "emoji", "marks", "accents", "base64", "digits apart", "percent"],
)
def test_a_huge_prompt_is_read(huge):
    read = read_prompt(Prompt(text=huge))
    assert len(read.plain) == len(read.origin)
    assert all(len(text) <= 3 * len(huge) for text in read.readings)


@pytest.mark.parametrize("text", ["a close-up of the dog's collar beside the boat's rail", "the panda’s bowl, a slow zoom-in"])
def test_possessives_and_hyphens_are_no_disguise(text):
    assert read_prompt(Prompt(text=text)).readings == ()


@pytest.mark.parametrize(("text", "word"), [("a p-o-r-n clip", "porn"), ("a po-rn clip", "porn"), ("he will rap-e her", "rape")])
def test_a_word_torn_in_two_is_read_whole(text, word):
    assert any(word in reading.split() for reading in read_prompt(Prompt(text=text)).readings)
