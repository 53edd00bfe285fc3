"""The clip gate's eyes: nudity, sexual and graphic content on frames, and fingerprints of what a picture looks like.

``CLIP_DETECTORS`` are dotted paths, so that importing this package loads nothing.
"""

CLIP_DETECTORS = ("classifiers.clip.nudity:NudityDetector", "classifiers.clip.content:ContentDetector")
