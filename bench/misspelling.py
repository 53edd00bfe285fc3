"""Names as people get them wrong: slips of the hand, spelling by ear, and letters of another script."""

from __future__ import annotations

import re
import string

import numpy as np

#: What is written for what by those who spell by ear; the first that fits somewhere is done, up to three of them.
BY_EAR = (
    ("ph", "f"), ("f", "ph"), ("ck", "k"), ("c", "k"), ("k", "ck"), ("qu", "kw"), ("x", "ks"), ("oo", "ou"), ("ou", "oo"),
    ("ee", "ie"), ("ie", "ee"), ("ei", "ai"), ("y", "i"), ("z", "s"), ("sch", "sh"), ("tt", "t"), ("ll", "l"), ("nn", "n"),
    ("ss", "s"), ("v", "f"), ("ea", "ee"), ("eau", "o"), ("au", "o"), ("th", "t"), ("er", "ar"),
)  # fmt: skip
#: How the letters of English names are put into other scripts, and Cyrillic ones into ours.
CYRILLIC = (
    ("shch", "щ"), ("sch", "ш"), ("sh", "ш"), ("ch", "ч"), ("zh", "ж"), ("th", "т"), ("ph", "ф"), ("ck", "к"), ("qu", "кв"),
    ("oo", "у"), ("ee", "и"), ("ea", "и"), ("ou", "у"), ("ce", "се"), ("ci", "си"), ("cy", "си"), ("x", "кс"), ("w", "у"),
    ("j", "дж"), ("y", "и"), ("h", "х"), ("c", "к"), ("q", "к"), ("a", "а"), ("b", "б"), ("d", "д"), ("e", "е"), ("f", "ф"),
    ("g", "г"), ("i", "и"), ("k", "к"), ("l", "л"), ("m", "м"), ("n", "н"), ("o", "о"), ("p", "п"), ("r", "р"), ("s", "с"),
    ("t", "т"), ("u", "у"), ("v", "в"), ("z", "з"),
)  # fmt: skip
GREEK = (
    ("sch", "σ"), ("sh", "σ"), ("ch", "τσ"), ("zh", "ζ"), ("ph", "φ"), ("th", "θ"), ("ck", "κ"), ("qu", "κου"), ("oo", "ου"),
    ("ee", "ι"), ("ea", "ι"), ("ou", "ου"), ("ce", "σε"), ("ci", "σι"), ("cy", "σι"), ("x", "ξ"), ("w", "ου"), ("j", "τζ"),
    ("y", "ι"), ("h", "χ"), ("c", "κ"), ("q", "κ"), ("b", "μπ"), ("d", "ντ"), ("g", "γκ"), ("v", "β"), ("f", "φ"),
    ("u", "ου"), ("a", "α"), ("e", "ε"), ("i", "ι"), ("k", "κ"), ("l", "λ"), ("m", "μ"), ("n", "ν"), ("o", "ο"), ("p", "π"),
    ("r", "ρ"), ("s", "σ"), ("t", "τ"), ("z", "ζ"),
)  # fmt: skip
LATIN = (
    ("а", "a"), ("б", "b"), ("в", "v"), ("г", "g"), ("д", "d"), ("е", "e"), ("ж", "zh"), ("з", "z"), ("и", "i"), ("й", "y"),
    ("к", "k"), ("л", "l"), ("м", "m"), ("н", "n"), ("о", "o"), ("п", "p"), ("р", "r"), ("с", "s"), ("т", "t"), ("у", "u"),
    ("ф", "f"), ("х", "kh"), ("ц", "ts"), ("ч", "ch"), ("ш", "sh"), ("щ", "shch"), ("ы", "y"), ("э", "e"), ("ю", "yu"),
    ("я", "ya"),
)  # fmt: skip


def slip(name: str, chance: np.random.Generator, times: int = 1) -> str:
    """``times`` letters wrong, missing, too many or exchanged, never the first of the name."""
    for _ in range(times):
        at, letter = int(chance.integers(1, len(name) - 1)), str(chance.choice(list(string.ascii_lowercase)))
        name = (
            name[:at] + letter + name[at + 1 :],
            name[:at] + name[at + 1 :],
            name[:at] + letter + name[at:],
            name[:at] + name[at + 1] + name[at] + name[at + 2 :],
        )[int(chance.integers(4))]
    return name


def by_ear(name: str, chance: np.random.Generator) -> str:
    """Up to three places spelt as they sound; the name itself where nothing can be."""
    found = name.lower()
    for index in chance.permutation(len(BY_EAR))[:12]:
        heard, written = BY_EAR[index]
        at = found.find(heard, 1)
        if at > 0 and found.replace(heard, written, 1) != name.lower():
            found = found[:at] + written + found[at + len(heard) :]
        if sum(a != b for a, b in zip(found, name.lower(), strict=False)) > len(name) // 2:
            break
    return found


def written_in(name: str, letters: tuple[tuple[str, str], ...]) -> str:
    """A name in another script; double letters become single."""
    found = re.sub(r"(?<![eo])(.)\1", r"\1", name.lower())
    for one, other in letters:
        found = found.replace(one, other)
    return found
