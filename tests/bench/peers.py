"""The other verifiers that may be installed: how they are called, and whether what they printed says that all is proved."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Peer:
    name: str
    suffix: str
    command: tuple[str, ...]
    environment: tuple[tuple[str, str], ...] = ()
    one_file: bool = False
    """Takes one file a call only (Boogie reads several as parts of one program)."""

    def proved(self, output: str) -> bool:
        """Whether `output` reports at least one thing and nothing but success."""
        match self.name:
            case "why3":
                results = re.findall(r"^Prover result is: (\w+)", output, re.MULTILINE)
                return bool(results) and set(results) == {"Valid"}
            case _:
                done = re.search(r"finished with (\d+) verified, 0 errors(.*)", output)
                return done is not None and int(done[1]) > 0 and not done[2].strip(" ,")


def installed(folder: Path, seconds: int) -> tuple[tuple[Peer, ...], tuple[str, ...]]:
    """The peers found on this machine, each bounded to `seconds` a goal, and the names of those that are not there.

    Why3 writes a configuration; it is kept in `folder`, away from the user's own.
    """
    peers: list[Peer] = []
    if shutil.which("why3") and shutil.which("z3"):
        configuration = str(folder / "why3.conf")
        subprocess.run(["why3", "config", "detect", "-C", configuration], check=False, capture_output=True)
        command = ("why3", "prove", "-C", configuration, "-P", "z3", "-t", str(seconds))
        peers.append(Peer("why3", "mlw", command))
    if shutil.which("boogie"):
        peers.append(Peer("boogie", "bpl", ("boogie", "/nologo", f"/timeLimit:{seconds}"), one_file=True))
    if shutil.which("dafny"):
        peers.append(Peer("dafny", "dfy", ("dafny", "/nologo", f"/timeLimit:{seconds}", "/compile:0")))
    present = {peer.name for peer in peers}
    return tuple(peers), tuple(name for name in ("why3", "boogie", "dafny") if name not in present)
