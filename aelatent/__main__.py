"""``python -m aelatent``: the command line."""

import sys

from aelatent.cli import main

if __name__ == "__main__":
    sys.exit(main())
