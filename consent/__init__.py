"""Who said yes (people and their grants) and who said no (works and protected people), and what proves it.

It knows nothing of topics, events or pages, and imports no other peer: pictures, fingerprints and prompts come in as the
kernel's values. Biometric data leaves this folder only encrypted, or as a match: "this person, this frame, this sure".
"""
