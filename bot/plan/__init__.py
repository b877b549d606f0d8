"""What is done first, by whom, and which law's clock may run: data with their rules, pure."""
