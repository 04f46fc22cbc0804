"""What stops a file, as a sentence a person can act on."""


class FileFault(ValueError):
    """The file as a whole cannot be read; nothing of it was kept."""
