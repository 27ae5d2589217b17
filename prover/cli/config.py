"""Print the settings that are in force in this folder, and where each comes from."""

from __future__ import annotations

import argparse
import json
import sys

from prover.configuration import SETTINGS, configuration
from prover.render.escape import escape

_EPILOG = """Settings stand in `prover.toml`, or in `pyproject.toml` under `[tool.prover]`, in the current folder or one above it.
Options of the command line come before them; `prover check --isolated` reads none.

examples:
  prover config            what is in force here"""

_NONE = "# no prover.toml, and no [tool.prover] in a pyproject.toml"


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = _EPILOG


def execute(arguments: argparse.Namespace) -> int:
    found = configuration()
    for reason in found.ignored:
        print(f"prover: {escape(reason)}", file=sys.stderr)
    print(
        f"# {escape(str(found.file))}" if found.file is not None else "# no prover.toml, and no [tool.prover] in a pyproject.toml"
    )
    for name, setting in SETTINGS.items():
        own = name in found.values
        value = found.values[name] if own else setting.default
        line = f"{name} = {json.dumps(value, ensure_ascii=False)}" if value is not None else f"# {name} is not set"
        origin = found.file.name if own and found.file is not None else "default"
        print(f"{escape(line):<40} # {origin}: {setting.help}")
    return 0
