#!/usr/bin/env python3
"""Django's command line. Use ``bin/manage``, which prepares the environment first."""

import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "komek.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
