"""The crew's desks: one file for each family of chat commands."""
