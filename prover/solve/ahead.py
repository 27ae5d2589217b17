"""Attempts in a fixed order, with later ones under way while an earlier one is waited for.

What is taken does not depend on which is quicker: results come in the order of the attempts, and whoever has enough takes no
more, as if one had followed the other.  Only time is gained.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from typing import TypeVar

T = TypeVar("T")
Stopped = Callable[[], bool]
Attempt = Callable[[Stopped], T]
"""Told by what it is given when nobody waits for it any more."""


def in_order(attempts: Sequence[Attempt[T]], more: Callable[[int], bool], patience: float) -> Iterator[T]:
    """What each attempt returns, or raises.

    more: whether another may begin while so many are at work.  patience: seconds that an attempt is waited for before that."""
    stop = threading.Event()
    begun: list[Future[T]] = []

    def begin() -> None:
        attempt = attempts[len(begun)]
        begun.append(in_thread(lambda: attempt(stop.is_set)))

    try:
        for place in range(len(attempts)):
            if place == len(begun):
                begin()
            wait([begun[place]], patience)
            while not begun[place].done():
                working = [f for f in begun if not f.done()]
                if len(begun) < len(attempts) and more(len(working)):
                    begin()
                else:
                    wait(working, patience or None, FIRST_COMPLETED)
            yield begun[place].result()
    finally:
        stop.set()


def in_thread(work: Callable[[], T]) -> Future[T]:
    """`work` begun in a thread that does not keep the process from ending."""
    future: Future[T] = Future()
    threading.Thread(target=settle, args=(future, work), daemon=True).start()
    return future


def settle(future: Future[T], work: Callable[[], T]) -> None:
    try:
        result = work()
    except BaseException as failure:  # noqa: BLE001 - whoever waits for the future gets it
        future.set_exception(failure)
    else:
        future.set_result(result)


def interruptible(work: Callable[[], T], hurry: Callable[[], None]) -> T:
    """What `work` returns.  Ctrl-C tells it to hurry, and it is waited for; a second one ends the wait."""
    future: Future[T] = Future()
    thread = threading.Thread(target=settle, args=(future, work), daemon=True)
    thread.start()
    try:
        thread.join()  # not `future.result()`: a signal there may leave the future's lock held
    except KeyboardInterrupt:
        hurry()
        thread.join()
    return future.result()
