"""The nouns of the crisis room and the rules they know by themselves: no clock, no network, no SQL."""
