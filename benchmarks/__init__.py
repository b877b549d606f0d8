"""What is claimed to be fast, measured side by side in one run with what people use today. ``python -m benchmarks``."""
