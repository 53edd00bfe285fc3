"""Everybody's data keys, and the one key that wraps them."""
