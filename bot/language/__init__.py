"""What somebody typed → intent and slots. Pure, deterministic, offline."""
