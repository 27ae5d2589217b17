"""A solver process: reads SMT-LIB scripts from standard input, answers each on standard output.

Runs on its own (`python -I -S worker.py LIBRARY MEGABYTES`): it imports nothing of the prover and loads only z3's shared library,
which starts in a few milliseconds.  A message is its length in bytes as a decimal line, then the bytes.  Each script gets a
context of its own, so that no answer depends on what was asked before.  Ends when its input does; memory beyond the
limit ends it at once, which the other side takes for *don't know*.
"""

from __future__ import annotations

import ctypes
import signal
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any  # not loaded when it runs: every millisecond of a start counts


class Solver:
    def __init__(self, library: str) -> None:
        z3 = ctypes.CDLL(library)
        pointer, text = ctypes.c_void_p, ctypes.c_char_p
        self.make_config = _function(z3.Z3_mk_config, pointer)
        self.delete_config = _function(z3.Z3_del_config, None, pointer)
        self.make_context = _function(z3.Z3_mk_context, pointer, pointer)
        self.delete_context = _function(z3.Z3_del_context, None, pointer)
        self.evaluate = _function(z3.Z3_eval_smtlib2_string, text, pointer, text)
        self.set_handler = _function(z3.Z3_set_error_handler, None, pointer, pointer)

    def answer(self, script: bytes) -> bytes:
        config = self.make_config()
        context = self.make_context(config)
        self.set_handler(context, None)  # errors come as text in the answer, which nobody takes for a verdict
        try:
            printed: bytes = self.evaluate(context, script)
            return printed
        finally:
            self.delete_context(context)
            self.delete_config(config)


def _function(function: Any, result: Any, *arguments: Any) -> Any:
    function.restype = result
    function.argtypes = arguments
    return function


def limit_memory(megabytes: int) -> None:
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (megabytes << 20, megabytes << 20))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except (ImportError, ValueError, OSError):
        pass


def die_with_parent() -> None:
    """On Linux the kernel ends this process when its parent ends, however that came about."""
    try:
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)
    except (OSError, AttributeError, TypeError):  # not Linux
        return


def main(library: str, megabytes: str) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    die_with_parent()
    solver = Solver(library)
    limit_memory(int(megabytes))
    read, write = sys.stdin.buffer, sys.stdout.buffer
    while header := read.readline():
        reply = solver.answer(read.read(int(header)))
        write.write(b"%d\n" % len(reply) + reply)
        write.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
