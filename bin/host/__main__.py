"""``python3 bin/host run|test|manage …``, as the scripts beside this folder call it."""

import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parent.parent.parent)

from bin.host.commands import main  # noqa: E402 - the path above comes first

if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
