"""The commands under ``bin/``: from a bare Debian to a running Komek, with Python's standard library alone.

``commands`` holds what each command does in order; ``packages`` and ``environment`` set the machine up, ``cluster`` keeps the
private database, ``serve`` keeps web and worker running, ``checks`` is the list behind ``bin/test``. Only ``prepare`` runs inside
the project's own environment, because it needs Django.
"""
