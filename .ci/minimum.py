"""Prints requirements with the oldest versions of the dependencies that pyproject.toml allows; tools stay as locked."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent


def minimum() -> dict[str, str]:
    """Name to oldest version, of the dependencies of the package (not of its tools)."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    pairs = (dependency.split(">=") for dependency in project["dependencies"])
    return {name.strip().lower(): version.strip() for name, version in pairs}


def main() -> None:
    oldest = minimum()
    for line in (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines():
        found = re.match(r"([\w-]+)==(\S+)", line)
        if found:
            name = found[1].lower()
            print(f"{name}=={oldest.get(name, found[2])}")


if __name__ == "__main__":
    main()
