"""One reader for each intent: a line in, an ``Intent`` with its slots and confidence out, or None."""
