"""What is heard in a clip: the words that are said, and whose voice says them. Nothing here decides or keeps a recording."""
