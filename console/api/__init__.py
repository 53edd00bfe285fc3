"""The HTTP API: one file a noun. A route reads its input, makes one call and names the shape of the answer."""
