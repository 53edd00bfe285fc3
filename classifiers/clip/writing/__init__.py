"""Words to be read in the picture: written, painted, or packed into a code."""

from classifiers.clip.writing.reader import WritingReader

__all__ = ["WritingReader"]
