"""Wanglou (望楼): the member of a crisis group that never sleeps."""

__version__ = "0.1.0"
