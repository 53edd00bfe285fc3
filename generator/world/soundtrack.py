"""The sound of a scene: the bed of its place, the weather, and every voice at the moment it is seen."""

from __future__ import annotations

import numpy as np

from generator.world.motion import Motion, Sounding
from generator.world.scene import Scene
from generator.world.voices import LASTING, SHORT, _mix, bed, mix_down
from safety.media import SOUND_RATE, Sound

#: How far down beds and voices are mixed; voices stay in front.
BED_GAIN = 0.10
_LOUDER = {"birds": 1.6, "crickets": 0.4, "drone": 1.8, "waves": 2.2, "lapping": 1.4}


def compose_sound(scene: Scene, motions: tuple[Motion, ...], samples: int) -> Sound:
    """The whole track, float32 mono (samples,) at 48 kHz."""
    seconds = samples / SOUND_RATE
    rng = np.random.default_rng((scene.seed, 77))
    track = np.zeros(samples)
    for name in _beds(scene):
        layer = bed(name, seconds, rng)[:samples]
        track[: layer.size] += layer * BED_GAIN * _LOUDER.get(name, 1.0)
    played: set[tuple[str, float]] = set()
    for sounding in (s for m in motions for s in m.sounds):
        if sounding.length and (sounding.voice, sounding.time) in played:
            continue  # three engines at once are one hum, one music is enough
        played.add((sounding.voice, sounding.time))
        _play(track, sounding, rng)
    return mix_down(track)


def _beds(scene: Scene) -> tuple[str, ...]:
    beds = scene.backdrop.beds
    outdoors = scene.backdrop.outdoors and scene.backdrop.medium == "air"
    if outdoors and scene.mood.time == "night":
        beds = (*(b for b in beds if b != "birds"), "crickets")
    if outdoors and scene.mood.weather == "rain":
        beds = (*(b for b in beds if b != "birds"), "rain")
    if outdoors and scene.mood.weather == "snow":
        beds = ("snowfall",)
    return beds


def _play(track: np.ndarray[tuple[int], np.dtype[np.float64]], s: Sounding, rng: np.random.Generator) -> None:
    if s.voice in LASTING:
        _mix(track, LASTING[s.voice](max(0.1, s.length), s.pitch, rng) * s.gain, s.time)
    elif s.voice in SHORT:
        _mix(track, SHORT[s.voice](s.pitch, rng) * s.gain, s.time)
