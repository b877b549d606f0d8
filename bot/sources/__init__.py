"""Ears: one file for each kind of source. A kind is a module with ``Options`` and ``Source``; its name is the file's name."""
