"""`check --watch`: look at the files again and again, and check what a change touches.

Files are looked at a few times a second rather than having the system tell of changes: that works in containers, on network
drives and for files that do not exist yet, needs nothing installed, and costs about a hundredth of a core for a thousand files.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence

from prover.batch.touched import Imports, Stamp, real, stamp
from prover.cli.selection import Selection
from prover.diagnostic import InputError
from prover.inputs import Input
from prover.render.escape import escape

INTERVAL = 0.3  # seconds between two looks
SHARE = 20  # a look that takes a second is followed by so many seconds of rest
SETTLE = 0.05
_CLEAR = "\x1b[H\x1b[2J"  # not what has scrolled away


def watch(selection: Selection, check: Callable[[Sequence[Input]], int], complain: Callable[[InputError], int]) -> int:
    """Runs until it is interrupted.  check: report on these files.  complain: there are none to look at."""
    imports = Imports()
    before: dict[str, Stamp] | None = None
    try:
        while True:
            inputs, now = _look(selection, imports, complain, before is None)
            if before is None:
                _round(inputs, inputs, check, first=True)
            elif now != before:
                inputs, now = _settled(selection, imports, complain, inputs, now)
                changed = {path for path in now.keys() | before.keys() if now.get(path) != before.get(path)}
                _round(imports.touched(inputs, changed), inputs, check, first=False)
            before = now
            time.sleep(INTERVAL)
    except KeyboardInterrupt:
        print(file=sys.stderr)
        return 0


def _look(
    selection: Selection, imports: Imports, complain: Callable[[InputError], int], aloud: bool
) -> tuple[Sequence[Input], dict[str, Stamp]]:
    """The files, and a stamp of each and of all that they import."""
    started = time.monotonic()
    try:
        inputs = selection.files()
    except InputError as failure:
        if aloud:
            complain(failure)
        inputs = ()
    places = [path for item in inputs if (path := real(item)) is not None]
    found = {path: stamp(path) for path in imports.reach(places)}
    time.sleep(min(5.0, SHARE * max(0.0, time.monotonic() - started - SETTLE)))
    return inputs, found


def _settled(
    selection: Selection,
    imports: Imports,
    complain: Callable[[InputError], int],
    inputs: Sequence[Input],
    now: dict[str, Stamp],
) -> tuple[Sequence[Input], dict[str, Stamp]]:
    """An editor may still be writing: wait until nothing changes for a moment."""
    for _ in range(20):
        time.sleep(SETTLE)
        inputs, again = _look(selection, imports, complain, False)
        if again == now:
            break
        now = again
    return inputs, now


def _round(touched: Sequence[Input], inputs: Sequence[Input], check: Callable[[Sequence[Input]], int], first: bool) -> None:
    if sys.stdout.isatty():
        sys.stdout.write(_CLEAR)
    elif not first:
        print()
    print(time.strftime("[%H:%M:%S]"), _sentence(touched, inputs, first), flush=True)
    if touched:
        check(touched)
    print(f"watching {len(inputs):,} file{'' if len(inputs) == 1 else 's'} for changes; Ctrl-C ends", flush=True)


def _sentence(touched: Sequence[Input], inputs: Sequence[Input], first: bool) -> str:
    if first:
        return f"checking {len(inputs):,} file{'' if len(inputs) == 1 else 's'}"
    names = ", ".join(escape(item.name) for item in touched[:3])
    more = f" and {len(touched) - 3:,} more" if len(touched) > 3 else ""
    return f"changed: {names}{more}" if touched else "a file is gone"
