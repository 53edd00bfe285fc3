"""Characters that pass for Latin ones. Tables only; ``folding`` and ``normaliser`` decide where they apply.

``ALWAYS`` holds forms nobody writes a language in (small capitals, squared letters, upside-down letters aside), so they are
mapped wherever they stand. ``LOOKALIKES`` holds letters of living scripts; they are mapped only in words that mix scripts or
that consist of nothing but lookalikes, so that Russian stays Russian. Sources: Unicode TR39 confusables, read by eye;
letters beyond these tables are looked up in the confusable-homoglyphs package.
"""

from __future__ import annotations

from functools import lru_cache

ALWAYS: dict[str, str] = {
    **dict(zip("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘꞯʀꜱᴛᴜᴠᴡʏᴢ", "abcdefghijklmnopqrstuvwyz", strict=True)),
    **{chr(0x1F130 + i): chr(97 + i) for i in range(26)},
    **{chr(0x1F150 + i): chr(97 + i) for i in range(26)},
    **{chr(0x1F170 + i): chr(97 + i) for i in range(26)},
    **{chr(0x1F1E6 + i): chr(97 + i) for i in range(26)},
    **{"ɑ": "a", "ɡ": "g", "ı": "i", "ƒ": "f", "ꞓ": "c", "ʋ": "v", "ɩ": "i", "ꭵ": "i", "ȷ": "j", "ʂ": "s", "ᶊ": "s", "ɳ": "n"},
    **{"₳": "a", "₿": "b", "₵": "c", "₫": "d", "€": "e", "₣": "f", "₲": "g", "₭": "k", "₦": "n", "₱": "p", "₴": "s", "₮": "t"},
}
#: Currency signs are letters only inside a word; alone they are prices.
ONLY_INSIDE_WORDS = frozenset("₳₿₵₫€₣₲₭₦₱₴₮")

FLIPPED: dict[str, str] = {
    **{"ɐ": "a", "ɔ": "c", "ǝ": "e", "ɟ": "f", "ƃ": "g", "ɥ": "h", "ᴉ": "i", "ɾ": "j", "ʞ": "k", "ʃ": "l", "ɯ": "m", "ɹ": "r"},
    **{"ʇ": "t", "ʌ": "v", "ʍ": "w", "ʎ": "y", "u": "n", "n": "u", "p": "d", "d": "p", "q": "b", "b": "q"},
}
#: Seeing two of these means the text is upside down.
FLIPPED_ONLY = frozenset("ɐɔǝɟƃɥᴉɾʞɯɹʇʌʍʎ")

_CYRILLIC = dict(zip("авеёкмнорстухіїјѕԁԛԝһӏѵүґ", "abeekmhopctyxiijsdqwhlvyr", strict=True))
_GREEK = dict(zip("αβγεηικμνορςτυχωϲϳά", "abyenikuvopstuxwcja", strict=True)) | {"έ": "e", "ό": "o", "ί": "i", "ύ": "u", "ή": "n"}
_GREEK |= dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "abezhikmnoptyx", strict=True))
_ARMENIAN = {"ո": "n", "օ": "o", "ս": "u", "հ": "h", "ց": "g", "յ": "j", "զ": "q", "ւ": "i"}
_CHEROKEE = dict(zip("ᎪᏴᏟᎠᎬᏀᎻᎥᎫᏦᏞᎷᏢᏒᏚᎢᏙᎳᏃ", "abcdeghijklmprstvwz", strict=True))

LOOKALIKES: dict[str, str] = _CYRILLIC | _GREEK | _ARMENIAN | _CHEROKEE
#: Looser likenesses ("faux Cyrillic"), used only inside a word that already mixes scripts.
LOOSE: dict[str, str] = {
    **{"и": "n", "я": "r", "п": "n", "г": "r", "ш": "w", "щ": "w", "ц": "u", "ч": "y", "з": "e", "э": "e", "ь": "b", "ъ": "b"},
    **{"д": "a", "л": "n", "ф": "o", "б": "b", "й": "n", "ы": "bi", "ж": "x", "ю": "io", "є": "e"},
    **{"δ": "d", "θ": "o", "λ": "a", "π": "n", "σ": "o", "ξ": "e", "φ": "o", "ζ": "z", "ψ": "w", "Σ": "e", "Λ": "a", "Δ": "a"},
}


def script(letter: str) -> str:
    """``latin``, ``cyrillic``, ``greek``, ``other`` for a letter, ``none`` for what belongs to no script."""
    code = ord(letter)
    if code < 0x250:
        return "latin" if letter.isalpha() else "none"
    if 0x1E00 <= code <= 0x1EFF or letter in ALWAYS:
        return "latin"
    if 0x400 <= code <= 0x52F:
        return "cyrillic"
    if 0x370 <= code <= 0x3FF or 0x1F00 <= code <= 0x1FFF:
        return "greek"
    return "other" if letter.isalpha() else "none"


@lru_cache(maxsize=4096)
def latin_for(letter: str, loose: bool = False) -> str | None:
    """The Latin letter that ``letter`` passes for, or None."""
    found = LOOKALIKES.get(letter) or (LOOSE.get(letter) if loose else None)
    if found or letter.isascii():
        return found
    from confusable_homoglyphs import confusables

    matches = confusables.is_confusable(letter, greedy=True, preferred_aliases=["latin"])
    if not matches:
        return None
    shapes = [shape["c"].lower() for match in matches for shape in match["homoglyphs"]]
    return next((shape for shape in shapes if len(shape) == 1 and "a" <= shape <= "z"), None)
