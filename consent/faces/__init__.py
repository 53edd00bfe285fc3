"""Finding and comparing faces, through insightface with permissive weights (YuNet, MIT, and SFace, Apache-2.0).

insightface ships no weights and its own packs may not be used commercially, so ``pack`` derives a folder that
``insightface.app.FaceAnalysis`` loads as if it were one of its own. Nothing here knows a person's name.
"""
