"""A semi-automated proof assistant for While programs: Hoare logic, termination, and answers that are yes, no or don't know.

    >>> import prover
    >>> report = prover.check_text("triple t {x = 1} x := x + 1 {x = 2}")
    >>> report.files[0].status.value
    'proved'

`check_text` and `check_paths` do what the command `prover check` does and return a `prover.report.Report`.  Importing this
package loads next to nothing; the work's parts are loaded by the call that needs them.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from os import PathLike

    from prover.inputs import Input
    from prover.report import Report

__all__ = ["__version__", "check_paths", "check_text"]
__version__ = "0.1.0"


def check_text(
    source: str,
    *,
    name: str = "<text>",
    root: str | PathLike[str] = ".",
    total: bool = False,
    jobs: int | None = None,
    rlimit: int | None = None,
    timeout: float | None = None,
    only: str | None = None,
    infer: bool = True,
    timings: bool = False,
    strict: bool = False,
) -> Report:
    """Check a program given as text.

    name: what messages call it.  root: the folder that its imports must stay below.
    total: ask termination of everything.  jobs: solver processes (default: the cores at hand).
    rlimit: solver units a goal.  timeout: seconds of wall-clock a unit.  only: check the units whose names contain this
    (as `--filter`).  infer: look for annotations that are missing.  timings: keep times in the report.
    strict: what rests on a contradiction does not count as proved.

    A mistake in the program is no exception: the report's file is then `invalid`, with diagnostics.
    """
    from pathlib import Path

    from prover.inputs import Input

    item = Input(name, source.encode("utf-8", "surrogatepass"), Path(root))
    return _check((item,), total, jobs, rlimit, timeout, only, infer, timings, strict)


def check_paths(
    paths: Iterable[str | PathLike[str]],
    *,
    total: bool = False,
    jobs: int | None = None,
    rlimit: int | None = None,
    timeout: float | None = None,
    only: str | None = None,
    infer: bool = True,
    timings: bool = False,
    strict: bool = False,
) -> Report:
    """Check files, and all `*.proof` files below folders; the options are those of `check_text`.

    Raises `prover.diagnostic.InputError` if a path does not exist, or a folder holds no proofs.
    """
    from os import fspath

    from prover.inputs import gather

    return _check(gather(fspath(p) for p in paths), total, jobs, rlimit, timeout, only, infer, timings, strict)


def _check(
    inputs: tuple[Input, ...],
    total: bool,
    jobs: int | None,
    rlimit: int | None,
    timeout: float | None,
    only: str | None,
    infer: bool,
    timings: bool,
    strict: bool,
) -> Report:
    from prover.batch.schedule import check_all
    from prover.check import Options
    from prover.report import Report
    from prover.solve.process import version

    options = Options(total, jobs, rlimit, timeout, only, infer=infer, timings=timings, strict=strict)
    return Report(tuple(check_all(inputs, options)), __version__, version())
