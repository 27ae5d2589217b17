"""A file's program, its conditions and their proofs as one Rocq file over the prelude (`rocq/Prelude.v`)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path as File

from prover.export.commands import NEVER, Posts, Programs, in_state
from prover.export.formula import Env, Formulas, TooLarge, ranged, refuse, rocq_type, sort_text, unpack
from prover.export.functions import SECONDS, Functions
from prover.export.names import Names
from prover.export.path import Condition, Path, Scope, Sequent, first
from prover.export.plain import Plain, lexdec
from prover.export.search import Ask, Search, stated
from prover.kernel.depend import functions_in, statements, terms
from prover.kernel.program import (
    Assume,
    Axiom,
    Block,
    Clause,
    Function,
    Kind,
    Point,
    Procedure,
    ProcedureCall,
    Program,
    Unit,
    While,
)  # fmt: skip
from prover.kernel.term import TRUE, Term, Var, free_variables, substitute
from prover.record import record

# What the prelude's generator of conditions is made of, and what computes values in states.
CONDITIONS = (
    "none within depth final pres posts head is_cond cond_ob variant dfds no wp nth map app fold_right "
    "qn qb qc qr all lexdec mods labs"
)
VALUES = (
    "ev bin dfd holds negb asg_ok target_dfd evaluated target_of do_asg do_writes writes_fit fit set save upd cur sav veqb "
    "seqb weqb Bool.eqb Pos.eqb vid vsort fst snd in_sort plain low high is_array elem_sort args_of vals map "
    "nth fold_right same OLD"
)
AND = " /\\ "
PRELUDE = File(__file__).parent / "rocq" / "Prelude.v"


@record
class Exported:
    """text: the file.  admitted: lemmas that it leaves open.  lemmas: all whose proofs are searched for, in order."""

    text: str
    lemmas: tuple[str, ...]
    admitted: tuple[str, ...]
    assumed: int


def exported(program: Program, admit: frozenset[str] = frozenset(), ask: Ask | None = None) -> Exported:
    """The file; the lemmas named in `admit` end in `Admitted`.  ask: z3, which finds what proofs need; without it, all are
    left to tactics that search.  Raises InputError for what is outside the fragment."""
    writer = _Writer(program, admit, ask)
    for name in program.own:
        try:
            writer.unit(name)
        except RecursionError:
            raise refuse("a unit so long or so deep", program.units[name].name_span) from None
    return writer.finished()


class _Writer(Functions):
    def finished(self) -> Exported:
        admitted = tuple([n for n in self.lemmas if n in self.admit])
        head = ["From Coq Require Import ZArith Lia ZifyBool List Bool.", "From Prover Require Import Prelude.",
                "Import ListNotations.", "Open Scope Z_scope.", ""]  # fmt: skip
        tail = [f"Print Assumptions {t}." for t in self.theorems]
        blocks = [u.body for n in self.done if isinstance(u := self.program.units[n], Procedure) and u.body is not None]
        assumed = sum(isinstance(s, Assume) for b in blocks for s in statements(b))
        counts = f"{len(self.lemmas)} lemmas, {len(admitted)} of them Admitted; {len(self.theorems)} theorems; {assumed} assume"
        tail.append(f"(* {counts} (what follows an `assume` is claimed only where it holds). *)")
        return Exported("\n".join([*head, *self.lines, *tail]) + "\n", tuple(self.lemmas), admitted, assumed)

    def unit(self, name: str) -> None:
        if name in self.done:
            return
        unit = self.program.units[name]
        if name in self.doing:
            what = "functions" if isinstance(unit, Function) else "lemmas" if _lemma(unit) else "procedures"
            raise refuse(f"{what} that call each other, or a recursive procedure,", unit.name_span)
        self.doing.append(name)
        self.plain_terms.begin()
        try:
            self._unit(unit)
        except TooLarge as large:
            raise refuse(f"a unit with {large}", unit.name_span) from None
        self.doing.pop()
        self.done.add(name)

    def _unit(self, unit: Unit) -> None:
        match unit:
            case Axiom():
                raise refuse("an axiom", unit.name_span)
            case Function():
                self._needs(terms(unit), unit.name)
                self.function(unit)
            case Procedure():
                self._needs(terms(unit), unit.name)
                for statement in statements(unit.body) if unit.body else ():
                    if isinstance(statement, ProcedureCall) and statement.name != unit.name:
                        self.unit(statement.name)
                if unit.kind is Kind.LEMMA:
                    self._lemma(unit)
                else:
                    self._procedure(unit)

    def _needs(self, found: Iterable[Term], own: str) -> None:
        for term in found:
            for function in sorted(functions_in(term)):
                if function != own:
                    if function not in self.functions:
                        raise refuse(f"`{function}`", term.span)
                    self.unit(function)

    # Lemmas

    def _lemma(self, lemma: Procedure) -> None:
        name = self.names("L_", lemma.name)
        variables = [p.variable for p in lemma.parameters]
        if lemma.results or any(p.inout for p in lemma.parameters):
            raise refuse("a lemma with results", lemma.name_span)
        env: dict[str, str] = {v.name: self.names("q_", v.name) for v in variables}
        formulas = Formulas(self.names, self.functions, env, {"old": env})
        binders = "".join([f" ({env[v.name]} : {rocq_type(v.sort)})" for v in variables])
        args = " ".join([env[v.name] for v in variables])
        needs = [formulas.range(v) for v in variables if ranged(v.sort)] + [formulas.prop(c.formula) for c in lemma.requires]
        gives = [formulas.prop(c.formula) for c in lemma.ensures]
        self.lines.append(f"Definition {name}_requires{binders} : Prop := {AND.join(needs) or 'True'}.")
        self.lines.append(f"Definition {name}_ensures{binders} : Prop := {AND.join(gives) or 'True'}.")
        self.plain += [f"{name}_requires", f"{name}_ensures"]
        body = lemma.body or Block(())
        if not _all_variants(body) or any(isinstance(s, Assume) for s in statements(body)):
            raise refuse("an `assume` or a loop without a variant in a lemma", lemma.name_span)
        claim = f"{name}_requires {args} -> {name}_ensures {args}"
        lower = [self.plain_terms.fresh(v) for v in variables]
        given = " ".join([self.names("q_", v.name) for v in lower])
        mapping = dict(zip([v.name for v in variables], lower, strict=True))
        variant, less = list(lemma.variant or ()), [substitute(v, mapping) for v in lemma.variant or ()]

        def smaller(own: Formulas) -> str:
            """That the lemma holds for arguments of which the variant is less."""
            inner = own.bound(lower)
            more = " ".join([f"({inner.env[w.name]} : {rocq_type(v.sort)})" for v, w in zip(variables, lower, strict=True)])
            falls = inner.prop(lexdec(variant, less))
            return f"(forall {more}, {falls} -> {name}_requires {given} -> {name}_ensures {given})"

        again = smaller(formulas) if lemma.variant else ""
        module, count = self._module(lemma, body, smaller if lemma.variant else None)
        values = "; ".join([formulas.value(v) for v in variables])
        arrow = f"{again} -> " if again else ""
        everything = f"forall{binders}, " if binders else ""
        introduced = f"intros {args}; " if args else ""
        self.lines += [
            f"Lemma given : {everything}{arrow}{claim}.",
            f"Proof.\n  {introduced}{'intros IH R' if again else 'intro R'}; unfold {name}_requires, {name}_ensures in *.",
            f"  refine (from_posts _ _ (lemma_holds params requires ensures body {count} [{values}] _ _ _ _ _ _ _ _) _);",
            "    [reflexivity | reflexivity | reflexivity | reflexivity | reflexivity | exact conditions_hold | by_parts R ..].",
            f"Qed.\nEnd {module}.\n",
            f"Lemma {name}_holds : {everything}{claim}.",
        ]
        if again:
            measures = "; ".join([formulas.z(v) for v in variant])
            new = "; ".join([formulas.bound(lower).z(v) for v in less])
            self.lines += [
                f"Proof.\n  assert (A : forall m, Acc lexlt m -> {everything}m = [{measures}] -> {claim}).",
                f"  {{ intros m A; induction A as [m _ IH]; intros {args} E R; subst m.",
                f"    apply {module}.given; [| exact R]. intros {given} D R'.",
                f"    refine (IH [{new}] (conj eq_refl D) {given} eq_refl R'). }}",
                f"  intros {args}; eapply A; [apply lexlt_wf | reflexivity].\nQed.\n",
            ]
        else:
            self.lines.append(f"Proof. exact {module}.given. Qed.\n")

    # Procedures

    def _procedure(self, unit: Procedure) -> None:
        if unit.body is None:
            raise refuse("a procedure without a body", unit.name_span)
        recursive = any(isinstance(s, ProcedureCall) and s.name == unit.name for s in statements(unit.body))
        if self._ends(unit, unit.body):
            self.ending.add(unit.name)
        total = unit.name in self.ending
        if recursive and not (total and unit.variant and len(unit.variant) == 1):
            raise refuse("a recursive procedure without a variant of one part, or that may not end,", unit.name_span)
        module, count = self._module(unit, unit.body, None, recursive)
        calls = [f"{self.names('M_', c)}.holds" for c in self._called(unit)]
        weak = [f"exact (correct_partly _ _ _ _ _ _ {c})" for c in calls]
        parts = "repeat match goal with |- _ /\\ _ => split end; first ["
        partly = f"cbn [calls_ok body]; {parts}{' | '.join(['exact I', 'exact H', *weak])}]"
        ending = f"cbn [calls_end body]; {parts}{' | '.join(['exact I', 'exact H', *[f'exact {c}' for c in calls]])}]"
        self.lines.append("Theorem holds : correct params outs requires ensures ends runs.")
        if recursive:
            self.lines += [
                f"Proof.\n  apply (recursion_suffices params outs requires ensures rank body {count}).",
                f"  - intros r H; {partly}.\n  - intros k r H; {ending}.",
                "  - reflexivity.\n  - reflexivity.\n  - reflexivity.\n  - exact conditions_hold.\nQed.",
            ]
        else:
            self.lines += [
                f"Proof.\n  apply (conditions_suffice params outs requires ensures ends body {count}).",
                f"  - assert (H := I); {partly}.\n  - assert (H := I); {ending}.\n  - reflexivity.",
                "  - intro E; first [discriminate E | reflexivity].\n  - reflexivity.\n  - exact conditions_hold.\nQed.",
            ]
        self.lines.append(f"End {module}.\n")
        self.theorems.append(f"{module}.holds")

    def _module(
        self, unit: Procedure, block: Block, more: Callable[[Formulas], str] | None, recursive: bool = False
    ) -> tuple[str, int]:
        """The unit's terms and the lemmas that prove its conditions; more: a further premise.  How many conditions there are."""
        module = self.names("M_", unit.name)
        names = self.names.copy()
        every = list({p.variable.name: p.variable for p in (*unit.parameters, *unit.results, *unit.locals)}.values())
        ins = list(unit.entry_variables)
        outs = (
            ins if unit.kind is Kind.TRIPLE else [p.variable for p in (*[q for q in unit.parameters if q.inout], *unit.results)]
        )
        labels = {s.label: names("L_at_", s.label) for s in statements(block) if isinstance(s, Point | While)}
        at = {label: in_state(names, every, text) for label, text in labels.items()}
        at["old"] = in_state(names, every, "OLD")
        formulas = Formulas(names, self.functions, in_state(names, every, None), at)
        self.modules[unit.name] = names
        programs = Programs(formulas, self.plain_terms, names, self.program.units, labels, self.modules, unit)
        body = programs.block(block)
        final = tuple([_final(c, ins, outs, self.plain_terms) for c in unit.ensures])
        conditions = body.conditions(Posts(final, NEVER, NEVER, final))
        scope = Scope({v.name: (v, names("V_", v.name)) for v in every}, labels, self.plain_terms)
        start = first(scope)
        start = start.given([self.plain_terms.of(c.formula, start.cur, {"old": start.cur}) for c in unit.requires])
        self.lines.append(f"Module {module}.")
        for index, variable in enumerate(every, 1):
            self.lines.append(f"Definition {names('V_', variable.name)} : var := mkv {index} {sort_text(variable.sort)}.")
        for index, text in enumerate(labels.values(), 2):
            self.lines.append(f"Definition {text} : label := {index}%positive.")
        pre, post = self._contract(unit, names, ins, outs, more)
        total = unit.name in self.ending
        self.lines += [
            f"Definition params : list var := [{'; '.join([names('V_', v.name) for v in ins])}].",
            f"Definition outs : list var := [{'; '.join([names('V_', v.name) for v in outs])}].",
            f"Definition requires : list (list val -> Prop) := [{'; '.join(pre)}].",
            f"Definition ensures : list contract := [{'; '.join(post)}].",
            f"Definition ends : bool := {str(total).lower()}.",
            f"Definition ending : ending := {'Always' if total else 'Unknown'}.",
            *self._variant(unit, ins, recursive),
            f"Definition body{' (r : nat -> cmd)' if recursive else ''} : cmd :=\n{body.text}.",
            f"Definition runs : nat -> cmd := {'unrolled body' if recursive else 'fun _ => body'}.\n",
            self.tactics(),
            self._start(unit, names, every, labels, recursive),
        ]
        stated, every_depth = "none params outs requires ensures body", ""
        if recursive:
            stated = "(within rank k) params outs (requires ++ [within rank (S k)]) ensures (body r)"
            every_depth = "forall k r, "
        lemmas = [f"vc_{i}_{_plain_name(c.name)}" for i, c in enumerate(conditions)]
        sequents = [c.sequent(start) for c in conditions]
        for index, (lemma, condition, sequent) in enumerate(zip(lemmas, conditions, sequents, strict=True)):
            explicit = condition.proof.format(intros=sequent.intros) or self._explicit(sequent, names)
            self._condition(module, lemma, f"{every_depth}vc {stated} {index}", explicit)
        proof = "".join([f"(conj ({n} k r) " if recursive else f"(conj {n} " for n in lemmas]) + "I" + ")" * len(lemmas)
        self.lines += [
            f"Lemma conditions_hold : {every_depth}vcs {stated} 0 {len(lemmas)}.",
            f"Proof. {'intros k r; ' if recursive else ''}exact {proof}. Qed.\n",
        ]
        return module, len(lemmas)

    def _variant(self, unit: Procedure, ins: list[Var], recursive: bool) -> list[str]:
        if not recursive or not unit.variant:
            return []
        env = {v.name: unpack(f"(nth {i} ins (VZ 0))", v.sort) for i, v in enumerate(ins)}
        measure = Formulas(self.names, self.functions, env, {"old": env}).z(unit.variant[0])
        return [f"Definition rank : list val -> Z := fun ins => {measure}."]

    def _condition(self, module: str, lemma: str, statement: str, explicit: str) -> None:
        search = "start; auto_"
        full = f"{module}.{lemma}"
        self.lemmas.append(full)
        self.lines.append(f"Lemma {lemma} : {statement}%nat.")
        proof = f"solve [{explicit} | {search}]" if explicit else f"solve [{search}]"
        self.lines.append("Admitted.\n" if full in self.admit else f"Proof. timeout {SECONDS} ({proof}). Qed.\n")

    def _explicit(self, sequent: Sequent, names: Names) -> str:
        """The condition's proof by what z3 has found; empty if it has found none."""
        if self.ask is None:
            return ""
        held = {n: names("v_", n) for n in sequent.actual}
        variables = {
            v.name: v for t in (sequent.goal, *[h.formula for h in sequent.hypotheses]) for v in free_variables(t).values()
        }
        env = {n: unpack(held[n], v.sort) for n, v in variables.items()}
        search = Search(self.ask, self.plain_terms, self.equations, Formulas(names, self.functions, env, {}))
        enter = f"enter; intros {sequent.intros}" if sequent.intros else "enter"
        if sequent.goal is TRUE:
            return f"{enter}; repeat split"
        self.plain_terms.begin()  # what a search takes does not count as the unit's size
        try:
            found = stated(sequent, search, {held[n]: "val" for n in variables})
        except TooLarge:
            return ""
        if found is None:
            return ""
        claim, tactic, spoken, needed = found
        actual = {held[n]: text for n, text in sequent.actual.items()}
        applied = " ".join(["G", *[actual[n] for n in spoken]])
        feeds = (
            "".join([f"feed K {f'ltac:(ranged {h.because})' if h.because else 'ltac:(have)'}; " for h in needed])
            or "feed K ltac:(exact I); "
        )
        return (
            f"assert (G : {claim}) by ({tactic});\n  {enter}; settle; pose proof ({applied}) as K; prepare K; {feeds}conclude K"
        )

    def _start(self, unit: Procedure, names: Names, every: list[Var], labels: dict[str, str], recursive: bool) -> str:
        own = [names("V_", v.name) for v in every] + list(labels.values())
        contracts = ["vc", "params", "outs", "requires", "ensures", "body", *(["rank"] if recursive else [])]
        for name in self._called(unit):
            contracts += [f"{self.names('M_', name)}.{part}" for part in ("params", "outs", "requires", "ensures", "ending")]
            own += [f"{self.names('M_', name)}.{text}" for text in self._variables_of(name)]
        facts = "".join([f" pose proof (T {names('V_', v.name)});" for v in every if ranged(v.sort)])
        delta = f"{VALUES} {' '.join(own)}"
        return (
            f"Ltac constants ::= cbv delta [{' '.join([*contracts, *own])}] in *.\n"
            f"Ltac conditions ::= lazy beta iota zeta delta [{CONDITIONS} {' '.join(contracts)}].\n"
            f"Ltac computes H ::= cbv beta iota zeta delta [{delta}] in H.\n"
            f"Ltac computed ::= cbv beta iota zeta delta [{delta}].\n"
            f"Ltac facts ::= repeat match goal with T : typed _ |- _ =>{facts} clear T end.\n"
        )

    def _variables_of(self, name: str) -> list[str]:
        unit = self.program.units[name]
        assert isinstance(unit, Procedure)
        return [self.modules[name]("V_", p.variable.name) for p in (*unit.parameters, *unit.results)]

    def _called(self, unit: Procedure) -> list[str]:
        """The other procedures that it calls."""
        calls = [s.name for s in statements(unit.body or Block(())) if isinstance(s, ProcedureCall)]
        return [c for c in dict.fromkeys(calls) if c != unit.name and not _lemma(self.program.units[c])]

    def _ends(self, unit: Procedure, block: Block) -> bool:
        return unit.terminates and _all_variants(block) and all(c in self.ending for c in self._called(unit))

    def _contract(
        self, unit: Procedure, names: Names, ins: list[Var], outs: list[Var], more: Callable[[Formulas], str] | None
    ) -> tuple[list[str], list[str]]:
        before: Env = {v.name: unpack(f"(nth {i} ins (VZ 0))", v.sort) for i, v in enumerate(ins)}
        after: Env = {v.name: unpack(f"(nth {i} outs (VZ 0))", v.sort) for i, v in enumerate(outs)}
        first = Formulas(names, self.functions, before, {"old": before})
        last = Formulas(names, self.functions, {**before, **after}, {"old": before})
        pre = [f"(fun ins => {first.prop(c.formula)})" for c in unit.requires]
        pre += [f"(fun ins => {more(first)})"] if more else []
        return pre, [f"(fun ins outs => {last.prop(c.formula)})" for c in unit.ensures]


def _lemma(unit: object) -> bool:
    return isinstance(unit, Procedure) and unit.kind is Kind.LEMMA


def _all_variants(block: Block) -> bool:
    return all(s.variant for s in statements(block) if isinstance(s, While))


def _plain_name(name: str) -> str:
    return "".join([c if c.isascii() and c.isalnum() else "_" for c in name])


def _final(clause: Clause, ins: list[Var], outs: list[Var], plain: Plain) -> Condition:
    def said(path: Path) -> Sequent:
        before = {v.name: path.sav["old"][v.name] for v in ins}
        return path.sequent(plain.of(clause.formula, {**before, **{v.name: path.cur[v.name] for v in outs}}, {"old": before}))

    return Condition(clause.label, said)
