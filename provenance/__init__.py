"""Where a clip came from, provably: marks in picture and sound, the signed manifest, the badge, and the verification of any file.

It knows nothing of consent, policy or releases, never decides whether a clip may be shown, and reads media only through a
``safety.media.MediaReader`` that is handed in.
"""
