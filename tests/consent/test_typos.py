"""Every slip a name forgives is found, wherever it strikes."""

from __future__ import annotations

import string

from hypothesis import given, settings
from hypothesis import strategies as st

from consent.names.typos import Speller

NAMES = ("zyloquin", "nettle wren", "ambrosius", "quartermane oak", "plimso")


@given(name=st.sampled_from(NAMES), at=st.integers(0, 14), letter=st.sampled_from(string.ascii_lowercase), kind=st.integers(0, 3))
@settings(max_examples=300, deadline=None)
def test_one_slip_anywhere_in_a_name_is_found(name: str, at: int, letter: str, kind: int) -> None:
    at = at % len(name)
    slip = (
        name[:at] + letter + name[at + 1 :],
        name[:at] + name[at + 1 :],
        name[:at] + letter + name[at:],
        name[:at] + name[at + 1 : at + 2] + name[at] + name[at + 2 :],
    )[kind].strip()
    if slip == name or "  " in slip:
        return
    text = f"vvv {slip} www"
    found = list(Speller(NAMES).search(text, frozenset()))
    assert any(hit == name and slips == 1 and text[start:end] == slip for start, end, hit, slips in found)


@given(name=st.sampled_from([n for n in NAMES if len(n) >= 10]), first=st.integers(0, 14), second=st.integers(0, 14))
def test_two_wrong_letters_in_a_long_name_are_found(name: str, first: int, second: int) -> None:
    letters = list(name)
    for at in {first % len(name), second % len(name)}:
        letters[at] = letters[at] if letters[at] == " " else "x"
    slip = "".join(letters)
    found = [hit for _, _, hit, _ in Speller(NAMES).search(slip, frozenset())]
    assert (name in found) == (slip != name)


def test_short_names_distant_words_and_everyday_windows_are_left_alone() -> None:
    speller = Speller((*NAMES, "wren"))
    assert not list(speller.search("wrem", frozenset()))
    assert not list(speller.search("zyxxxuin", frozenset()))
    assert not list(speller.search("zyloquim", frozenset({"zyloquim"})))
