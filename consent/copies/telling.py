"""A sighting of a copy in words: what is seen when, from which moment of the reference on, and what was done to it."""

from __future__ import annotations

from consent.copies.finder import Sighting
from consent.copies.timeline import Line

#: Part of the frame that a copy covers to be the whole frame, and part of the reference that is shown to be whole.
WHOLE, ALL = 0.85, 0.75
#: Speeds this near to the reference's own are the same.
SAME_SPEED = 0.08


def told(sighting: Sighting) -> str:
    """Such as "2.1 s to 4.8 s is 0.0 s to 2.7 s of clip 1, mirrored, at 1.25 times its speed"."""
    fit, line = sighting.fit, sighting.line
    done = ["mirrored"] if fit.mirrored else []
    done += ["a part of it"] if fit.shown < ALL else []
    done += ["seen from the side"] if fit.perspective else []
    done += ["inside the picture"] if fit.box.w * fit.box.h < WHOLE and fit.shown >= ALL else []
    done += [f"at {line.speed:.2f} times its speed"] if line and abs(line.speed - 1) > SAME_SPEED else []
    return ", ".join([_when(sighting, line), *done])


def _when(sighting: Sighting, line: Line | None) -> str:
    title = sighting.reference.title
    if sighting.time is None:
        return f"shows {title}"
    begins, ends = sighting.time
    here = f"{begins:.1f} s to {ends:.1f} s"
    if line is None:
        return f"{here} shows {title}"
    there = [max(0.0, line.start + line.speed * moment) for moment in (begins, ends)]
    return f"{here} is {there[0]:.1f} s to {there[1]:.1f} s of {title}"
