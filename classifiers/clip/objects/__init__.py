"""Weapons, signs of hate, fights and blood in a clip's frames, by any detector with the common YOLO output.

The detector that comes with it knows the embedded world's drawings and nothing else; see docs/cards/world-objects.md. It must
never be taken for one that knows photographs: for those, name a model of your own in the settings.
"""

from classifiers.clip.objects.detector import ObjectDetector
from classifiers.clip.objects.settings import configured

__all__ = ["ObjectDetector", "configured"]
