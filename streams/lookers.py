"""Who looks at a clip, in which process, and at what: the clip gate's crew.

A process for each would waste memory and one for all would waste cores; so those with like libraries share one, and the work is
spread over the cores. A crash is still told by its own name (``streams/lanes``).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from classifiers import registry as detectors
from classifiers.clip.copies import CopyLooker
from classifiers.clip.scene.reader import SceneReader
from classifiers.clip.writing import WritingReader
from classifiers.sound.landmarks import SoundPrinter
from classifiers.sound.speech import SpeechReader
from classifiers.sound.voices import VoiceListener
from consent.faces.looker import FaceLooker
from streams.lanes.viewing import Task

#: The processes: models that look at single pictures; faces, and all that listens; what shots look like and show.
EYES, EARS, LOOKS = "eyes", "faces-and-ears", "looks"
#: Detectors of ``classifiers.registry`` that look elsewhere than in ``EYES``: one shares a model with an observer there, others
#: spread the work (seconds for a 10 s clip: eyes 3.5, faces and ears 3.3, looks 2.8).
ELSEWHERE = {"scene-labels/1": LOOKS, "objects/1": LOOKS, "nudity/1": EARS}


@dataclass(frozen=True)
class Crew:
    """The observers by what they give; ``tasks`` adds the registered detectors."""

    writing: WritingReader = field(default_factory=WritingReader)
    speech: SpeechReader = field(default_factory=SpeechReader)
    voices: VoiceListener = field(default_factory=VoiceListener)
    sounds: SoundPrinter = field(default_factory=SoundPrinter)
    faces: FaceLooker = field(default_factory=FaceLooker)
    prints: CopyLooker = field(default_factory=CopyLooker)
    scene: SceneReader = field(default_factory=SceneReader)

    def tasks(self) -> tuple[Task, ...]:
        """Everybody, those first whose answers are awaited longest."""
        listening = tuple(Task(looker, EARS, "sound") for looker in (self.speech, self.voices, self.sounds))
        looking = (Task(self.faces, EARS), Task(self.writing, EYES), Task(self.prints, LOOKS), Task(self.scene, LOOKS))
        registered = (Task(d, ELSEWHERE.get(d.name, EYES)) for d in detectors.clip_detectors())
        return (*listening, *looking, *registered)
