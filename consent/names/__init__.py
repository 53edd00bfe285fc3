"""A million names, searched within a millisecond or two of any change.

``hashing`` gives every range of a text a number; ``multimap`` finds rows by such numbers; ``segment`` holds names and the ways
they are found by; ``snapshot`` keeps a segment in a file; ``index`` stacks segments and follows the database.
"""
