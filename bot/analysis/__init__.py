"""Judgement: values in, values out. No clock, no network, no SQL."""
