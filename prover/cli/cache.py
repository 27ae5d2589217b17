"""Say what earlier runs have left in the user's cache (`info`), or remove it (`clear`)."""

from __future__ import annotations

import argparse
import sys

from prover.render.escape import escape
from prover.render.text import plural

_EPILOG = """examples:
  prover cache info        where it is, how many entries, how large
  prover cache clear       remove all of it; the next check begins from nothing

The cache only saves time: `prover check --no-cache` gives the same answers without it."""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = _EPILOG
    parser.add_argument("action", choices=("info", "clear"), help="what to do")


def execute(arguments: argparse.Namespace) -> int:
    from prover.cache.store import opened

    store = opened()
    try:
        if arguments.action == "clear":
            print(f"{store.clear():,} entries removed")
        elif not store.trouble:
            found = store.info()
            print(f"{escape(str(found.path))}")
            reports = "1 report of a file" if found.reports == 1 else f"{found.reports:,} reports of files"
            print(f"{reports}, {plural(found.answers, 'answer')} of the solver")
            size = f"{found.bytes / 1e6:.1f} MB of at most {found.limit / 1e6:.0f} MB"
            print(f"{size}; {found.file_bytes / 1e6:.1f} MB on the disk")
    finally:
        store.close()
    if store.trouble:
        print(f"prover: {escape(store.trouble)}", file=sys.stderr)
        return 1
    return 0
