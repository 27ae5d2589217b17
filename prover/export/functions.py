"""Specification functions in Rocq: definitions, recursion by counting down the variant, and their equations."""

from __future__ import annotations

from prover.export.formula import Formulas, calls_itself, ranged, refuse, rocq_type
from prover.export.instances import Equation
from prover.export.names import Names
from prover.export.plain import Plain, base, in_sort
from prover.export.search import Ask
from prover.kernel.program import Function, Program
from prover.kernel.sort import Bool
from prover.kernel.term import Var, call, implies

SECONDS = 60  # for one lemma; most take less than one
MOST_ARGUMENTS = 4  # that the prelude can name applications with


class Functions:
    """The lines of a file, as far as they are about functions."""

    def __init__(self, program: Program, admit: frozenset[str], ask: Ask | None) -> None:
        self.program, self.admit, self.ask = program, admit, ask
        self.modules: dict[str, Names] = {}
        self.equations: dict[str, Equation] = {}
        self.names = Names()
        self.functions = {n: u for n, u in program.units.items() if isinstance(u, Function)}
        self.lines: list[str] = []
        self.done: set[str] = set()
        self.doing: list[str] = []
        self.lemmas: list[str] = []
        self.theorems: list[str] = []
        self.recursive: list[tuple[str, int]] = []
        self.plain: list[str] = []
        self.ending: set[str] = set()
        self.plain_terms = Plain(self.functions, frozenset([n for n, f in self.functions.items() if calls_itself(f)]))
        for name, unit in program.units.items():
            prefix = "F_" if isinstance(unit, Function) else "M_"
            self.names(prefix, name)
            self.names("L_", name)

    def lemma(self, name: str, statement: str, proof: str) -> None:
        self.lemmas.append(name)
        self.lines.append(f"Lemma {name} : {statement}.")
        if name in self.admit:
            self.lines.append("Admitted.\n")
        else:
            self.lines.append(f"Proof. timeout {SECONDS} ({proof}). Qed.\n")

    def function(self, function: Function) -> None:
        name = self.names("F_", function.name)
        if function.body is None:
            raise refuse(f"`{function.name}`, which has no definition,", function.name_span)
        env = {p.name: self.names("q_", p.name) for p in function.parameters}
        formulas = Formulas(self.names, self.functions, env, {})
        binders = "".join([f" ({env[p.name]} : {rocq_type(p.sort)})" for p in function.parameters])
        if function.name in self.plain_terms.recursive:
            self._recursive(function, name, formulas, binders)
            return
        if not isinstance(function.result, Bool) or formulas.decidable(function.body):
            self.plain.append(name)
            self.lines.append(f"Definition {name}{binders} : {rocq_type(function.result)} :=\n  {formulas.of(function.body)}.\n")
        if isinstance(function.result, Bool):
            says = self.names("S_", function.name)
            self.plain.append(says)
            self.lines.append(f"Definition {says}{binders} : Prop :=\n  {formulas.prop(function.body)}.\n")

    def _recursive(self, function: Function, name: str, formulas: Formulas, binders: str) -> None:
        assert function.body is not None
        if not function.variant or len(function.variant) != 1:
            raise refuse("a recursive function with a variant of several parts", function.variant_span or function.name_span)
        fuel = f"{name}_fuel"
        inner = Formulas(self.names, self.functions, formulas.env, {}, {function.name: f"{fuel} fuel"})
        kind = rocq_type(function.result)
        default = {"Z": "0", "bool": "false"}.get(kind, "(VZ 0)")
        args = " ".join([formulas.env[p.name] for p in function.parameters])
        body, variant = inner.of(function.body), formulas.z(function.variant[0])
        self.lines.append(
            f"Fixpoint {fuel} (fuel : nat){binders} : {kind} :=\n  match fuel with O => {default} | S fuel => {body} end.\n"
            f"Definition {name}{binders} : {kind} := {fuel} (S (Z.to_nat {variant})) {args}.\n"
            f"Lemma {name}_step : forall fuel {args}, {fuel} (S fuel) {args} = {body}.\nProof. reflexivity. Qed."
        )
        needs = self._guard(function, formulas)
        enough = f"(Z.to_nat {variant} < k)%nat"
        self.lemma(
            f"{name}_enough",
            f"forall k j {args}, {needs}{enough} -> {enough.replace('< k', '< j')} -> {fuel} k {args} = {fuel} j {args}",
            f"induction k as [| k IH]; intros [| j] {args}; intros; try lia; rewrite !{name}_step; "
            "ifs; rewrite ?(IH j) by side; reflexivity",
        )
        equation = f"{name} {args} = {formulas.of(function.body)}"
        self.lemma(
            f"{name}_eq",
            f"forall {args}, {needs}{equation}",
            f"intros; unfold {name}; rewrite {name}_step; cases_; unfolded_ {name}_enough",
        )
        self.recursive.append((name, len(function.parameters)))
        self._equation(function, name, formulas, args)

    def _equation(self, function: Function, name: str, formulas: Formulas, args: str) -> None:
        """The function's equation once more, with its cases as formulas."""
        own = {p.name: Var(p.name, base(p.sort)) for p in function.parameters}
        left = call(function.name, tuple(own.values()), base(function.result))
        assert function.body is not None
        formula = self.plain_terms.cases(left, self.plain_terms.of(function.body, own))
        for clause in reversed(function.requires):
            formula = implies(self.plain_terms.of(clause.formula, own), formula)
        for parameter in reversed(function.parameters):
            formula = implies(in_sort(parameter.sort, own[parameter.name], self.plain_terms), formula)
        plain = f"cbv beta delta [{' '.join(self.plain)}] in E; " if self.plain else ""
        self.lemma(
            f"{name}_cases",
            f"forall {args}, {formulas.prop(formula)}",
            f"intros {args}; intros; pose proof ({name}_eq {args}) as E; "
            f"cbn [in_sort plain low high asZ asB] in E; {plain}repeat feed E ltac:(have); equation_ E",
        )
        self.equations[function.name] = Equation(tuple(own.values()), formula, f"{name}_cases")

    def _guard(self, function: Function, formulas: Formulas) -> str:
        ranges = [formulas.range(p) for p in function.parameters if ranged(p.sort)]
        return "".join([f"{t} -> " for t in [*ranges, *[formulas.prop(c.formula) for c in function.requires]]])

    def tactics(self) -> str:
        """Tactics that know the equations of the functions so far."""
        goal, merge, named = [], [], []
        for name, count in self.recursive:
            a, b = (" ".join([f"?{x}{i}" for i in range(count)]) for x in "ab")
            left, right = a.replace("?", ""), b.replace("?", "")
            goal.append(f"  | |- context [{name} {a}] => know ({name}_eq {left})")
            goal.append(f"  | H : context [{name} {a}] |- _ => know ({name}_eq {left})")
            if 1 <= count <= MOST_ARGUMENTS:
                named.append(f"  | |- context [{name} {a}] => name{count} {name} {left}")
                named.append(f"  | H : context [{name} {a}] |- _ => name{count} {name} {left}")
            same = f"\n      tryif constr_eq ({name} {left}) ({name} {right}) then fail else"
            same += f" replace ({name} {left}) with ({name} {right}) in * by (f_equal; lia)"
            merge.append(f"  | H : context [{name} {a}], K : context [{name} {b}] |- _ =>{same}")
            merge.append(f"  | H : context [{name} {a}] |- context [{name} {b}] =>{same}")
        equations = (
            "\n".join(["Ltac equation ::= match reverse goal with", *goal, "  end."]) if goal else "Ltac equation ::= fail."
        )
        merging = "\n".join(["Ltac merge ::= repeat match goal with", *merge, "  end."]) if merge else "Ltac merge ::= idtac."
        naming = "\n".join(["Ltac name_calls ::= match goal with", *named, "  end."]) if named else "Ltac name_calls ::= fail."
        unfold = f"cbv beta delta [{' '.join(self.plain)}] in *" if self.plain else "idtac"
        return f"{equations}\n{merging}\n{naming}\nLtac definitions ::= {unfold}.\n"
