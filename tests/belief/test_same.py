"""A few files checked again and again, and programs that say less than proved ones."""

from __future__ import annotations

from tests.belief.same import ROOT, again, chosen, metamorphic, weaker, work


def test_the_same_verdicts_again() -> None:
    same = again(chosen(60), runs=1)
    assert same.files >= 10
    assert (same.runs, same.busy) == (4, 0)
    assert same.changed == []


def test_saying_less_refutes_nothing() -> None:
    made, proved, wrong = metamorphic(sorted((ROOT / "tests/corpus/true").rglob("*.proof"))[::8])
    assert wrong == []
    assert made >= 40
    assert proved >= made // 2


def test_what_is_changed() -> None:
    text = "procedure p(x: int) returns (y: int)\n  ensures a: y > x\nbegin\n  y := x + 1\nend\n"
    assert [how for how, _ in weaker(text)] == [
        "ensures … or 1 = 2", "ensures … or 1 = 1", "requires x > 3", "requires x = -1", "requires 1 = 1",
    ]  # fmt: skip
    assert "  ensures a: (y > x) or 1 = 2\nbegin" in next(iter(weaker(text)))[1]
    assert next(t for how, t in weaker(text) if how == "requires x > 3").count("\n  requires x > 3\n") == 1
    assumed = text.replace("begin", "begin assume x > 0;")
    assert {how.split()[0] for how, _ in weaker(assumed)} == {"requires"}


def test_the_same_verdicts_beside_other_work() -> None:
    same = again(chosen(300), runs=2)
    assert (same.runs, same.busy) == (8, 4)
    assert same.changed == []


def test_work_beside_ends() -> None:
    with work() as begun:
        assert all(process.poll() is None for process in begun)
    assert all(process.poll() is not None for process in begun)
