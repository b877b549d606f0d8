"""The store: SQLite, one writer thread, one file for each owner of tables."""
