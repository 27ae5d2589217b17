"""A process of the second solver: reads SMT-LIB scripts from standard input, answers each on standard output.

Runs on its own (`python -I second_worker.py MEGABYTES`), as `worker.py` does for z3, with the same messages, and loads the Python
package `cvc5`.  Each script gets a solver of its own.
"""

from __future__ import annotations

import signal
import sys

import cvc5


def answer(script: str) -> str:
    solver = cvc5.Solver(cvc5.TermManager())
    parser = cvc5.InputParser(solver)
    parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, script, "goal")
    symbols = parser.getSymbolManager()
    printed = ""
    while not (command := parser.nextCommand()).isNull():
        printed += command.invoke(solver, symbols)
    return printed


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
        import ctypes

        ctypes.CDLL(None).prctl(1, signal.SIGKILL)
    except (ImportError, OSError, AttributeError, TypeError):  # not Linux
        return


def main(megabytes: str) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    die_with_parent()
    limit_memory(int(megabytes))
    read, write = sys.stdin.buffer, sys.stdout.buffer
    while header := read.readline():
        script = read.read(int(header)).decode()
        try:
            reply = answer(script).encode()
        except Exception as failure:  # noqa: BLE001 - whatever it complains of is no verdict
            reply = f"(error {failure})".encode()
        write.write(b"%d\n" % len(reply) + reply)
        write.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
