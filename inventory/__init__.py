"""Inventory: where the goods are, how many, and when they expire."""
