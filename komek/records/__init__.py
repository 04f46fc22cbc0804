"""What every record shares: a public code, where it comes from, its history, and its approval."""
