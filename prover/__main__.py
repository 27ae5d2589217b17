"""`python -m prover` is the command `prover`."""

import sys

from prover.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
