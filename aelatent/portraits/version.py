"""Version of the generator."""

#: Goes up whenever the same factors give another picture, or the same seed other factors.
VERSION = 3
