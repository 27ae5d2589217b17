"""The seeded faults fit the code and are of every class; a few are tried here, all by `make mutants`."""

from __future__ import annotations

from collections import Counter

from tests.mutants.run import FAULTS, campaign, equivalents, faults, misfits, parsed

# What the traps they name notice within a second or two.
TRIED = (
    "answer-mapping-1", "dropped-havoc-1", "frame-too-wide-1", "joins-1", "machine-1", "old-and-labels-1", "recurrent-sets-1",
    "rules-1", "aliasing-and-stores-3", "aliasing-and-stores-6", "aliasing-and-stores-7", "depends-3", "machine-10",
    "old-and-labels-12", "swapped-branch-6", "variants-14", "unguarded-division-1",
)  # fmt: skip


def test_faults_fit_the_code() -> None:
    assert misfits(faults()) == []


def test_every_class_has_its_faults() -> None:
    counts = Counter([f.kind for f in faults()])
    assert min(counts.values()) >= 5
    assert sum(counts.values()) >= 150
    assert len({(f.path, f.old, f.new) for f in faults()}) == sum(counts.values())


def test_the_tests_that_faults_name_are_there() -> None:
    named = {t for f in faults() for t in f.traps if t.endswith(".py")}
    assert [t for t in named if not (FAULTS.parent.parent / t).exists()] == []


def test_what_is_argued_is_about_a_fault() -> None:
    assert set(equivalents()) <= {f.name for f in faults()}
    assert all(equivalents().values())
    assert not set(equivalents()) & set(TRIED)


def test_a_few_are_noticed() -> None:
    results = list(campaign([f for f in faults() if f.name in TRIED], quick=True))
    assert len(results) == len(TRIED)
    assert [r.fault.name for r in results if not r.killed] == []


def test_the_format() -> None:
    (fault,) = parsed("what is wrong\n@ kernel/vc.py 05 18\n- one\n-   two\n+ three\n", "kind")
    assert (fault.name, fault.path, fault.traps, fault.old, fault.new) == (
        "kind-1",
        "kernel/vc.py",
        ("05", "18"),
        "one\n  two",
        "three",
    )
