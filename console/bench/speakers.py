"""Labelled speakers to measure voices on: who speaks, and what, from packages that anyone can install.

Telephone prompts, children's games and a reader (one speaker each), and meetings with labelled speakers. Different speakers were
mostly recorded on different microphones, which makes them easier to tell apart than they are in life; the meetings do not have
that fault and are few. See ``spoken`` for where packages are looked for.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from console.bench.spoken import read, root
from safety.media import SOUND_RATE, Sound

#: Folders with one speaker each. Debian: asterisk-core-sounds-{en,fr,it,ru}-g722, ktuberling-data, klettres-data,
#: asterisk-prompt-{es-co,fr-armelle,it-menardi-wav}, pocketsphinx-testdata.
#: Where two packages may hold one person, only one is taken.
PROMPTS = ("en_US_f_Allison", "fr_CA_f_June", "it_IT_m_Carlo", "ru_RU_f_IvrvoiceRU", "it_IT_f_Menardi", "es", "fr")
GAME = ("ca", "de", "el", "en", "es", "fr", "gl", "it", "lt", "nds", "nn", "pt", "ro", "ru", "sl", "sr", "uk", "wa")
LETTERS = ("cs", "nb")
#: Seconds taken of a speaker, and the pause put between two recordings.
SECONDS, GAP = 60.0, 0.15


def speakers(most: int | None = None) -> Iterator[tuple[str, list[Sound]]]:
    """Name and pieces of sound, each of one person alone."""
    base = root()
    folders = [
        *((f"prompts {n}", sorted((base / "asterisk/sounds" / n).glob("*.*"))) for n in PROMPTS),
        *((f"game {n}", sorted((base / "ktuberling/sounds" / n).glob("*.*"))) for n in GAME),
        *((f"letters {n}", sorted((base / "klettres" / n).rglob("*.ogg"))) for n in LETTERS),
        ("reader", sorted((base / "pocketsphinx/test/data/librivox").glob("*.wav"))),
    ]
    known = [(name, files) for name, files in folders if files]
    for number, (name, files) in enumerate(known):
        if most is not None and number >= most:
            return
        sound = _joined(files, number)
        if sound.size:
            yield name, [sound]
    if most is None:
        yield from meetings(base / "pyannote.audio/tests/data")


def meetings(folder: Path) -> Iterator[tuple[str, list[Sound]]]:
    """Speakers of the meeting clips in the sources of pyannote.audio 4.0.7, where nobody else speaks."""
    said: dict[str, list[Sound]] = defaultdict(list)
    turns: dict[str, list[tuple[float, float, str]]] = defaultdict(list)
    for page in sorted(folder.glob("debug.*.rttm")):
        for line in page.read_text("utf-8").splitlines():
            part = line.split()
            turns[part[1]].append((float(part[3]), float(part[3]) + float(part[4]), part[7]))
    for name, spoken in turns.items():
        path = folder / f"{name}.wav"
        if path.is_file():
            sound = read(path)
            for start, end, who in spoken:
                for a, b in _alone(start, end, [t for t in spoken if t[2] != who]):
                    said[who].append(sound[int(a * SOUND_RATE) : int(b * SOUND_RATE)])
    yield from ((f"meeting {who}", pieces) for who, pieces in sorted(said.items()))


def _alone(start: float, end: float, others: list[tuple[float, float, str]]) -> list[tuple[float, float]]:
    """What is left of a turn without the time that others speak in; at least 0.8 s each."""
    left = [(start, end)]
    for a, b, _ in others:
        left = [piece for x, y in left for piece in ((x, min(y, a)), (max(x, b), y))]
        left = [(x, y) for x, y in left if y - x >= 0.8]
    return left


def _joined(files: list[Path], seed: int) -> Sound:
    """Recordings in a random but fixed order, evened in loudness, ``SECONDS`` in all."""
    pieces, held = list[Sound](), 0.0
    for i in np.random.default_rng(seed).permutation(len(files)):
        if files[i].stat().st_size < 3_000:
            continue
        try:
            sound = read(files[i], "g722" if files[i].suffix == ".g722" else None)
        except (OSError, ValueError, IndexError):  # not a recording
            continue
        peak = float(np.abs(sound).max(initial=0.0))
        if peak > 0.01:
            pieces += [(sound * (0.5 / peak)).astype(np.float32), np.zeros(int(GAP * SOUND_RATE), np.float32)]
            held += sound.size / SOUND_RATE
        if held > SECONDS:
            break
    return np.concatenate(pieces) if pieces else np.zeros(0, np.float32)
