"""Reading a text message: pure functions on plain text, no database, no clock, no settings.

``reading.read_text`` is the way in: a message and a vocabulary in, what each line asks for out.
"""
