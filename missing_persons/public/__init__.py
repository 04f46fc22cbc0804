"""What the public sees and does, without an account: searching, reporting, following, objecting."""
