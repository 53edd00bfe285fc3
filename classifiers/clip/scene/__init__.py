"""What a picture shows, in words: a CLIP loaded by digest, and what is read off it.

Nothing here is ever downloaded, and nothing here decides.
"""
