"""Built-in scenarios and their scoring."""
