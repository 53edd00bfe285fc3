"""The pipeline: five stages, the events between them, and two runners. Read ``pipeline.py`` first.

It knows every peer and composes them; it holds no model and no page.
"""
