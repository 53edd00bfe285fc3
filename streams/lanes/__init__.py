"""Where clips are looked at: worker processes, the shared memory that carries a clip's parts to them, and who looks at what."""
