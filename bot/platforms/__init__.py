"""Mouth and door: one module or folder for each chat platform, found by its name."""
