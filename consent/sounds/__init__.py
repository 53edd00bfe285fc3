"""Recordings whose holders said no, and finding them in the sound of a clip."""
