"""The prompt reader: the lower half of a published multilingual sentence encoder, its upper layers tuned by us to tell harm.

``published`` reads the published file, ``pieces`` cuts text into its word pieces, ``tuned`` holds our layers, ``graph`` writes
both as one 8-bit ONNX graph, ``encoder`` runs it. ``classifiers.prompt.training.tune`` makes the tuned layers.
"""
