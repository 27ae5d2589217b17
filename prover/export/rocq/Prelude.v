(** The While language in Rocq: values, expressions, commands, what runs of them are, and a generator of verification
    conditions that is proved sound.  Files written by [prover export --to rocq] import this one, and nothing else of ours.

    There are no axioms here; in particular no functional extensionality.  States are functions, and what two states have
    in common is said point by point ([agree]). *)

From Coq Require Import ZArith Lia ZifyBool List Bool Arith.
Import ListNotations.
Open Scope Z_scope.

(** * Values *)

Inductive val := VZ (z : Z) | VB (b : bool) | VA (n : Z) (f : Z -> val).

Definition asZ v := match v with VZ z => z | _ => 0 end.
Definition asB v := match v with VB b => b | _ => false end.

(** An array is a length and a function; what the function says outside [0 .. n-1] means nothing. *)
Definition alen v := match v with VA n _ => n | _ => 0 end.
Definition elt v i := match v with VA _ f => f i | _ => VZ 0 end.
Definition aupd v i x := VA (alen v) (fun j => if j =? i then x else elt v j).
Definition afill n x := VA n (fun _ => x).
Definition alit (l : list val) := VA (Z.of_nat (length l)) (fun i => nth (Z.to_nat i) l (VZ 0)).

Inductive width := W8 | W16 | W32 | W64.

Definition low (w : width) (signed : bool) :=
  if signed then match w with W8 => -128 | W16 => -32768 | W32 => -2147483648 | W64 => -9223372036854775808 end else 0.
Definition high (w : width) (signed : bool) :=
  if signed then match w with W8 => 127 | W16 => 32767 | W32 => 2147483647 | W64 => 9223372036854775807 end
  else match w with W8 => 255 | W16 => 65535 | W32 => 4294967295 | W64 => 18446744073709551615 end.

Inductive sort := SInt | SNat | SBool | SMach (w : width) (signed : bool) | SArr (e : sort).

(** A sort whose values have no range to keep to. *)
Definition plain t := match t with SInt | SBool => true | _ => false end.

Fixpoint in_sort t v : Prop :=
  match t with
  | SInt | SBool => True
  | SNat => 0 <= asZ v
  | SMach w g => low w g <= asZ v <= high w g
  | SArr e => 0 <= alen v /\ if plain e then True else forall k, 0 <= k < alen v -> in_sort e (elt v k)
  end.

(** Equality of arrays: equal length, and equal elements in range. *)
Fixpoint same t v w : Prop :=
  match t with
  | SBool => asB v = asB w
  | SArr e => alen v = alen w /\ forall k, 0 <= k < alen v -> same e (elt v k) (elt w k)
  | _ => asZ v = asZ w
  end.

(** * Euclidean division: the remainder is never negative *)

Definition ediv a b := if 0 <? b then a / b else if b <? 0 then - (a / - b) else 0.
Definition emod a b := a - b * ediv a b.

Theorem euclid : forall a b, b <> 0 -> a = b * ediv a b + emod a b /\ 0 <= emod a b < Z.abs b.
Proof.
  intros a b H. unfold emod, ediv. split; [ring |].
  destruct (Z.ltb_spec 0 b).
  - pose proof (Z.mod_pos_bound a b ltac:(lia)). rewrite Z.mod_eq in H1 by lia. lia.
  - destruct (Z.ltb_spec b 0); [| lia].
    pose proof (Z.mod_pos_bound a (- b) ltac:(lia)). rewrite Z.mod_eq in H2 by lia. nia.
Qed.

(** There is one quotient and one remainder with this law. *)
Theorem euclid_unique : forall a b q r, b <> 0 -> a = b * q + r -> 0 <= r < Z.abs b -> q = ediv a b /\ r = emod a b.
Proof.
  intros a b q r Hb Ha Hr. destruct (euclid a b Hb) as [E R].
  assert (q = ediv a b) by nia. split; [assumption | nia].
Qed.

(** * States *)

Record var := mkv { vid : positive; vsort : sort }.
Definition label := positive.

Definition weqb a b := match a, b with W8, W8 | W16, W16 | W32, W32 | W64, W64 => true | _, _ => false end.
Fixpoint seqb s t :=
  match s, t with
  | SInt, SInt | SNat, SNat | SBool, SBool => true
  | SMach w g, SMach w' g' => if weqb w w' then Bool.eqb g g' else false
  | SArr e, SArr e' => seqb e e'
  | _, _ => false
  end.
Definition veqb x y := if Pos.eqb (vid x) (vid y) then seqb (vsort x) (vsort y) else false.

Lemma seqb_eq : forall s t, seqb s t = true <-> s = t.
Proof.
  induction s; destruct t; simpl; split; intro H; try discriminate; try reflexivity.
  - destruct w, w0; simpl in H; try discriminate; destruct signed, signed0; simpl in H; congruence.
  - inversion H; subst. destruct w0, signed0; reflexivity.
  - f_equal. apply IHs, H.
  - inversion H; subst. apply IHs. reflexivity.
Qed.

Lemma veqb_eq : forall x y, veqb x y = true <-> x = y.
Proof.
  intros [i s] [j t]. unfold veqb; simpl. destruct (Pos.eqb_spec i j); split; intro H; try discriminate.
  - apply seqb_eq in H. congruence.
  - inversion H; subst. apply seqb_eq. reflexivity.
  - inversion H; contradiction.
Qed.

Fixpoint mem x (l : list var) := match l with [] => false | y :: r => if veqb x y then true else mem x r end.
Fixpoint meml (x : label) (l : list label) := match l with [] => false | y :: r => if Pos.eqb x y then true else meml x r end.

Lemma mem_app : forall x a b, mem x (a ++ b) = false -> mem x a = false /\ mem x b = false.
Proof. induction a; simpl; intros; [auto |]. destruct (veqb x a); [discriminate | auto]. Qed.
Lemma meml_app : forall x a b, meml x (a ++ b) = false -> meml x a = false /\ meml x b = false.
Proof. induction a; simpl; intros; [auto |]. destruct (Pos.eqb x a); [discriminate | auto]. Qed.

(** [cur] is the memory; [sav] is what it was when a run last came to a labelled place.  Programs cannot read [sav]. *)
Record state := St { cur : var -> val; sav : label -> var -> val }.

Definition upd (m : var -> val) x v : var -> val := fun y => if veqb y x then v else m y.
Definition set x v s := St (upd (cur s) x v) (sav s).
Definition save (l : label) s := St (cur s) (fun k => if Pos.eqb k l then cur s else sav s k).

Definition typed s := forall x, in_sort (vsort x) (cur s x).

(** [s'] is [s] but for the variables [xs] and the places [ls]. *)
Definition agree xs ls s s' :=
  (forall x, mem x xs = false -> cur s' x = cur s x) /\
  (forall l, meml l ls = false -> sav s' l = sav s l).

Definition assertion := state -> Prop.

Fixpoint all (L : list assertion) s : Prop := match L with [] => True | p :: r => p s /\ all r s end.

(** * Expressions *)

Inductive binop := Add | Sub | Mul | Div | Mod | Lt | Le | Gt | Ge | Eq | Ne | And | Or | Imp | Iff.

Inductive expr :=
| EZ (z : Z) | EB (b : bool) | EV (x : var)
| EBin (o : binop) (a b : expr) | ENeg (a : expr) | ENot (a : expr) | EIf (c a b : expr)
| ECheck (lo hi : Z) (a : expr)                    (* [a], which must be in the range *)
| ELen (a : expr) | ESel (a i : expr) | EUpd (a i x : expr) | EFill (n x : expr) | ELit (l : list expr)
| ECall (f : list val -> val) (pre : list val -> Prop) (args : list expr).

Definition bin o v w :=
  match o with
  | Add => VZ (asZ v + asZ w) | Sub => VZ (asZ v - asZ w) | Mul => VZ (asZ v * asZ w)
  | Div => VZ (ediv (asZ v) (asZ w)) | Mod => VZ (emod (asZ v) (asZ w))
  | Lt => VB (asZ v <? asZ w) | Le => VB (asZ v <=? asZ w) | Gt => VB (asZ w <? asZ v) | Ge => VB (asZ w <=? asZ v)
  | Eq => VB (asZ v =? asZ w) | Ne => VB (negb (asZ v =? asZ w))
  | And => VB (asB v && asB w) | Or => VB (asB v || asB w) | Imp => VB (implb (asB v) (asB w))
  | Iff => VB (Bool.eqb (asB v) (asB w))
  end.

Fixpoint ev e s : val :=
  match e with
  | EZ z => VZ z | EB b => VB b | EV x => cur s x
  | EBin o a b => bin o (ev a s) (ev b s)
  | ENeg a => VZ (- asZ (ev a s)) | ENot a => VB (negb (asB (ev a s)))
  | EIf c a b => if asB (ev c s) then ev a s else ev b s
  | ECheck _ _ a => VZ (asZ (ev a s))
  | ELen a => VZ (alen (ev a s)) | ESel a i => elt (ev a s) (asZ (ev i s))
  | EUpd a i x => aupd (ev a s) (asZ (ev i s)) (ev x s)
  | EFill n x => afill (asZ (ev n s)) (ev x s)
  | ELit l => alit (map (fun a => ev a s) l)
  | ECall f _ l => f (map (fun a => ev a s) l)
  end.

(** [holds true e s]: the condition [e] is true in [s]; [holds false e s]: it is false.  As propositions that read well. *)
Fixpoint holds (t : bool) e s : Prop :=
  match e, t with
  | EB b, _ => b = t
  | EBin Lt a b, true => asZ (ev a s) < asZ (ev b s)   | EBin Lt a b, false => asZ (ev a s) >= asZ (ev b s)
  | EBin Le a b, true => asZ (ev a s) <= asZ (ev b s)  | EBin Le a b, false => asZ (ev a s) > asZ (ev b s)
  | EBin Gt a b, true => asZ (ev a s) > asZ (ev b s)   | EBin Gt a b, false => asZ (ev a s) <= asZ (ev b s)
  | EBin Ge a b, true => asZ (ev a s) >= asZ (ev b s)  | EBin Ge a b, false => asZ (ev a s) < asZ (ev b s)
  | EBin Eq a b, true => asZ (ev a s) = asZ (ev b s)   | EBin Eq a b, false => asZ (ev a s) <> asZ (ev b s)
  | EBin Ne a b, true => asZ (ev a s) <> asZ (ev b s)  | EBin Ne a b, false => asZ (ev a s) = asZ (ev b s)
  | EBin And a b, true => holds true a s /\ holds true b s
  | EBin And a b, false => holds false a s \/ holds false b s
  | EBin Or a b, true => holds true a s \/ holds true b s
  | EBin Or a b, false => holds false a s /\ holds false b s
  | EBin Imp a b, true => holds false a s \/ holds true b s
  | EBin Imp a b, false => holds true a s /\ holds false b s
  | EBin Iff a b, true => (holds true a s /\ holds true b s) \/ (holds false a s /\ holds false b s)
  | EBin Iff a b, false => (holds true a s /\ holds false b s) \/ (holds false a s /\ holds true b s)
  | ENot a, _ => holds (negb t) a s
  | EIf c a b, _ => (holds true c s /\ holds t a s) \/ (holds false c s /\ holds t b s)
  | _, _ => asB (ev e s) = t
  end.

Lemma holds_ev : forall e t s, holds t e s <-> asB (ev e s) = t.
Proof.
  induction e; intros t s; try (simpl; tauto).
  - destruct o; destruct t; simpl; try tauto;
      try (rewrite ?IHe1, ?IHe2; destruct (asB (ev e1 s)), (asB (ev e2 s)); simpl; intuition congruence);
      match goal with
      | |- context [?x <? ?y] => destruct (Z.ltb_spec x y)
      | |- context [?x <=? ?y] => destruct (Z.leb_spec x y)
      | |- context [?x =? ?y] => destruct (Z.eqb_spec x y)
      end; simpl; split; intro; try discriminate; try reflexivity; try lia.
  - simpl. rewrite IHe. destruct (asB (ev e s)), t; simpl; intuition congruence.
  - simpl. rewrite !IHe1, IHe2, IHe3. destruct (asB (ev e1 s)), t; simpl; intuition congruence.
Qed.

(** Evaluating [e] fails nowhere: no division by zero, no index out of range, nothing too large for its sort. *)
Fixpoint dfd e s : Prop :=
  match e with
  | EZ _ | EB _ | EV _ => True
  | EBin And a b => dfd a s /\ (holds true a s -> dfd b s)
  | EBin Or a b => dfd a s /\ (holds false a s -> dfd b s)
  | EBin Imp a b => dfd a s /\ (holds true a s -> dfd b s)
  | EBin Div a b | EBin Mod a b => dfd a s /\ dfd b s /\ asZ (ev b s) <> 0
  | EBin _ a b => dfd a s /\ dfd b s
  | ENeg a | ENot a | ELen a => dfd a s
  | EIf c a b => dfd c s /\ (holds true c s -> dfd a s) /\ (holds false c s -> dfd b s)
  | ECheck lo hi a => dfd a s /\ lo <= asZ (ev a s) <= hi
  | ESel a i => dfd a s /\ dfd i s /\ 0 <= asZ (ev i s) < alen (ev a s)
  | EUpd a i x => dfd a s /\ dfd i s /\ dfd x s /\ 0 <= asZ (ev i s) < alen (ev a s)
  | EFill n x => dfd n s /\ dfd x s /\ 0 <= asZ (ev n s)
  | ELit l => fold_right and True (map (fun a => dfd a s) l)
  | ECall _ pre l => fold_right and True (map (fun a => dfd a s) l) /\ pre (map (fun a => ev a s) l)
  end.

Definition dfds l s := fold_right and True (map (fun a => dfd a s) l).

(** * Commands *)

(** What is written to: a variable, or an element of one. *)
Inductive target := TVar (x : var) | TElt (x : var) (i : expr).

Definition measure := (var -> val) -> Z.

(** [vals -> Prop]: what is said about values, such as those that come in and go out at a call. *)
Definition contract := list val -> list val -> Prop.

(** What is known of a callee: nothing, that its runs end, that they do if the variant of its arguments is less than the
    caller's (a recursive call). *)
Inductive ending := Unknown | Always | Smaller.

(** The body of a procedure is a family: in [body n], recursive calls are nested less than [n] deep.  A run of a call is a run
    of one of them. *)
Inductive cmd :=
| CSkip
| CSeq (a b : cmd)
| CAsg (ts : list (target * expr))                 (* all at once: values first, then writes from left to right *)
| CHavoc (xs : list var)
| CIf (c : option expr) (a b : cmd)                (* [None]: either way *)
| CWhile (c : option expr) (inv : list assertion) (vs : list measure) (round : label) (body step : cmd)
| CCall (params outs : list var) (pre : list (list val -> Prop)) (post : list contract) (ends : ending) (body : nat -> cmd)
        (args : list expr) (ts : list var)         (* [ts := p(args)]: [body] runs in a memory of its own *)
| CTooDeep                                         (* no run gets past it *)
| CAssert (p : assertion) | CAssume (p : assertion)
| CPoint (l : label)
| CReturn | CBreak | CContinue.

Definition OLD : label := 1%positive.

Definition target_of t := match t with TVar x | TElt x _ => x end.

(** What a command can change: variables, and places that it comes to. *)
Fixpoint mods c : list var :=
  match c with
  | CSeq a b | CIf _ a b => mods a ++ mods b
  | CAsg ts => map (fun p => target_of (fst p)) ts
  | CHavoc xs => xs
  | CWhile _ _ _ _ a b => mods a ++ mods b
  | CCall _ _ _ _ _ _ _ ts => ts
  | _ => []
  end.
Fixpoint labs c : list label :=
  match c with
  | CSeq a b | CIf _ a b => labs a ++ labs b
  | CWhile _ _ _ l a b => l :: labs a ++ labs b
  | CPoint l => [l]
  | _ => []
  end.

(** Writes, with all that is to be evaluated already evaluated. *)
Definition write := (var * option Z * val)%type.

Definition evaluated (s : state) (p : target * expr) : write :=
  match fst p with
  | TVar x => (x, None, ev (snd p) s)
  | TElt x i => (x, Some (asZ (ev i s)), ev (snd p) s)
  end.

Fixpoint do_writes (ws : list write) s : state :=
  match ws with
  | [] => s
  | (x, None, v) :: r => do_writes r (set x v s)
  | (x, Some i, v) :: r => do_writes r (set x (aupd (cur s x) i v) s)
  end.

Definition elem_sort t := match t with SArr e => e | _ => SInt end.
Definition is_array t := match t with SArr _ => True | _ => False end.

Fixpoint writes_fit (ws : list write) s : Prop :=
  match ws with
  | [] => True
  | (x, None, v) :: r => in_sort (vsort x) v /\ writes_fit r (set x v s)
  | (x, Some i, v) :: r =>
      is_array (vsort x) /\ 0 <= i < alen (cur s x) /\ in_sort (elem_sort (vsort x)) v /\
      writes_fit r (set x (aupd (cur s x) i v) s)
  end.

Definition target_dfd s (p : target * expr) : Prop :=
  match fst p with TVar _ => dfd (snd p) s | TElt _ i => dfd i s /\ dfd (snd p) s end.

Definition asg_ok ts s : Prop :=
  fold_right and True (map (target_dfd s) ts) /\ writes_fit (map (evaluated s) ts) s.
Definition do_asg ts s := do_writes (map (evaluated s) ts) s.

Definition args_of l s := map (fun e => ev e s) l.
Definition vals xs s := map (cur s) xs.

Fixpoint fit (xs : list var) (vs : list val) : Prop :=
  match xs, vs with
  | [], [] => True
  | x :: xs, v :: vs => in_sort (vsort x) v /\ fit xs vs
  | _, _ => False
  end.

Definition pres (pre : list (list val -> Prop)) vs := fold_right and True (map (fun p => p vs) pre).
Definition posts (post : list contract) ins outs := fold_right and True (map (fun p => p ins outs) post).

(** How a run starts: parameters have their values, all other variables any of their sort. *)
Definition enters params vs s := typed s /\ vals params s = vs /\ sav s OLD = cur s.

(** * Runs (big-step semantics) *)

Inductive outcome := Normal (s : state) | Break (s : state) | Continue (s : state) | Return (s : state) | Fail.

Definition is_cond c (t : bool) s := match c with None => True | Some e => holds t e s end.
Definition cond_dfd c s := match c with None => True | Some e => dfd e s end.

Definition ends o := match o with Return s | Normal s => Some s | _ => None end.
(** A round of a loop is over. *)
Definition round_over o := match o with Normal s | Continue s => Some s | _ => None end.

(** [exec c s o]: a run of [c] from [s] ends as [o] says.  An assertion that does not hold is a failure, like a division by
    zero, an index out of range, and a call whose [requires] does not hold. *)
Inductive exec : cmd -> state -> outcome -> Prop :=
| X_skip : forall s, exec CSkip s (Normal s)
| X_seq : forall a b s s' o, exec a s (Normal s') -> exec b s' o -> exec (CSeq a b) s o
| X_seq_left : forall a b s o, exec a s o -> (forall s', o <> Normal s') -> exec (CSeq a b) s o
| X_asg : forall ts s, asg_ok ts s -> exec (CAsg ts) s (Normal (do_asg ts s))
| X_asg_fail : forall ts s, ~ asg_ok ts s -> exec (CAsg ts) s Fail
| X_havoc : forall xs s s', agree xs [] s s' -> typed s' -> exec (CHavoc xs) s (Normal s')
| X_if_fail : forall c a b s, ~ cond_dfd c s -> exec (CIf c a b) s Fail
| X_then : forall c a b s o, cond_dfd c s -> is_cond c true s -> exec a s o -> exec (CIf c a b) s o
| X_else : forall c a b s o, cond_dfd c s -> is_cond c false s -> exec b s o -> exec (CIf c a b) s o
| X_while_fail : forall c i v l a b s, ~ cond_dfd c s -> exec (CWhile c i v l a b) s Fail
| X_while_end : forall c i v l a b s, cond_dfd c s -> is_cond c false s -> exec (CWhile c i v l a b) s (Normal s)
| X_while_round : forall c i v l a b s o s1 s2 o', cond_dfd c s -> is_cond c true s ->
    exec a (save l s) o -> round_over o = Some s1 -> exec b s1 (Normal s2) -> exec (CWhile c i v l a b) s2 o' ->
    exec (CWhile c i v l a b) s o'
| X_while_step_fail : forall c i v l a b s o s1 o', cond_dfd c s -> is_cond c true s ->
    exec a (save l s) o -> round_over o = Some s1 -> exec b s1 o' -> (forall s2, o' <> Normal s2) ->
    exec (CWhile c i v l a b) s Fail
| X_while_break : forall c i v l a b s s1, cond_dfd c s -> is_cond c true s ->
    exec a (save l s) (Break s1) -> exec (CWhile c i v l a b) s (Normal s1)
| X_while_left : forall c i v l a b s o, cond_dfd c s -> is_cond c true s -> exec a (save l s) o ->
    (o = Fail \/ exists s1, o = Return s1) -> exec (CWhile c i v l a b) s o
| X_call_fail : forall ps os pre post t body args ts s,
    ~ (dfds args s /\ fit ps (args_of args s) /\ pres pre (args_of args s)) ->
    exec (CCall ps os pre post t body args ts) s Fail
| X_call : forall ps os pre post t body args ts n s s0 o s1 s',
    dfds args s /\ fit ps (args_of args s) /\ pres pre (args_of args s) ->
    enters ps (args_of args s) s0 -> exec (body n) s0 o -> ends o = Some s1 ->
    agree ts [] s s' -> vals ts s' = vals os s1 -> typed s' ->
    exec (CCall ps os pre post t body args ts) s (Normal s')
| X_call_unfit : forall ps os pre post t body args ts n s s0 o s1,
    dfds args s /\ fit ps (args_of args s) /\ pres pre (args_of args s) ->
    enters ps (args_of args s) s0 -> exec (body n) s0 o -> ends o = Some s1 -> ~ fit ts (vals os s1) ->
    exec (CCall ps os pre post t body args ts) s Fail
| X_call_inner : forall ps os pre post t body args ts n s s0 o,
    dfds args s /\ fit ps (args_of args s) /\ pres pre (args_of args s) ->
    enters ps (args_of args s) s0 -> exec (body n) s0 o -> ends o = None ->
    exec (CCall ps os pre post t body args ts) s Fail
| X_assert : forall (p : assertion) s, p s -> exec (CAssert p) s (Normal s)
| X_assert_fail : forall (p : assertion) s, ~ p s -> exec (CAssert p) s Fail
| X_assume : forall (p : assertion) s, p s -> exec (CAssume p) s (Normal s)
| X_point : forall l s, exec (CPoint l) s (Normal (save l s))
| X_return : forall s, exec CReturn s (Return s)
| X_break : forall s, exec CBreak s (Break s)
| X_continue : forall s, exec CContinue s (Continue s).

(** [term c s]: every run of [c] from [s] ends (Nipkow 2002, for unbounded nondeterminism). *)
Inductive term : cmd -> state -> Prop :=
| T_skip : forall s, term CSkip s
| T_seq : forall a b s, term a s -> (forall s', exec a s (Normal s') -> term b s') -> term (CSeq a b) s
| T_asg : forall ts s, term (CAsg ts) s
| T_havoc : forall xs s, term (CHavoc xs) s
| T_if : forall c a b s, (is_cond c true s -> term a s) -> (is_cond c false s -> term b s) -> term (CIf c a b) s
| T_while : forall c i v l a b s,
    (is_cond c true s -> term a (save l s)) ->
    (forall o s1, is_cond c true s -> exec a (save l s) o -> round_over o = Some s1 -> term b s1) ->
    (forall o s1 s2, is_cond c true s -> exec a (save l s) o -> round_over o = Some s1 -> exec b s1 (Normal s2) ->
       term (CWhile c i v l a b) s2) ->
    term (CWhile c i v l a b) s
| T_call : forall ps os pre post t body args ts s,
    (forall s0, enters ps (args_of args s) s0 -> pres pre (args_of args s) -> exists n, term (body n) s0) ->
    term (CCall ps os pre post t body args ts) s
| T_assert : forall p s, term (CAssert p) s
| T_assume : forall p s, term (CAssume p) s
| T_point : forall l s, term (CPoint l) s
| T_return : forall s, term CReturn s
| T_break : forall s, term CBreak s
| T_continue : forall s, term CContinue s.

(** What is proved of a procedure: from every state of its sorts in which its [requires] holds, no run fails, and each that
    ends, ends in a state in which [ensures] holds; with [total], all runs end. *)
Definition correct params outs pre post (total : bool) (body : nat -> cmd) :=
  forall vs s, enters params vs s -> pres pre vs ->
    (forall n o, exec (body n) s o -> exists s', ends o = Some s' /\ typed s' /\ posts post vs (vals outs s')) /\
    (total = true -> exists n, term (body n) s).

Definition ends_for params pre (body : nat -> cmd) (e : list val -> Prop) :=
  forall vs s, enters params vs s -> pres pre vs -> e vs -> exists n, term (body n) s.

(** * The generator of verification conditions *)

Fixpoint lexdec (old new : list Z) : Prop :=
  match old, new with
  | [o], [n] => 0 <= o /\ n < o
  | o :: os, n :: ns => (0 <= o /\ n < o) \/ (n <= o /\ lexdec os ns)
  | _, _ => False
  end.

Definition variant l (vs : list measure) : list assertion :=
  match vs with
  | [] => []
  | _ => [fun s => lexdec (map (fun m => m (sav s l)) vs) (map (fun m => m (cur s)) vs)]
  end.

Record needs := mkQ { qn : list assertion; qb : list assertion; qc : list assertion; qr : list assertion }.

Definition no : list assertion := [fun _ => False].
Definition cond_ob (c : option expr) : list assertion := match c with None => [] | Some e => [dfd e] end.

(** A state at the head of a loop in any round. *)
Definition head xs ls inv s s' := agree xs ls s s' /\ typed s' /\ all inv s'.

(** For which arguments a recursive call ends. *)
Definition none : list val -> Prop := fun _ => False.

(** [wp fin c Q]: what is to hold before [c], as a list with a condition for each obligation, so that each has a number. *)
Fixpoint wp (fin : list val -> Prop) c (Q : needs) : list assertion :=
  match c with
  | CSkip => qn Q
  | CSeq a b => wp fin a (mkQ (wp fin b Q) (qb Q) (qc Q) (qr Q))
  | CAsg ts => (fun s => asg_ok ts s) :: map (fun q s => q (do_asg ts s)) (qn Q)
  | CHavoc xs => map (fun (q : assertion) s => forall s', agree xs [] s s' -> typed s' -> q s') (qn Q)
  | CIf c a b =>
      cond_ob c ++ map (fun (q : assertion) s => is_cond c true s -> q s) (wp fin a Q)
                ++ map (fun (q : assertion) s => is_cond c false s -> q s) (wp fin b Q)
  | CWhile c inv vs l a b =>
      let again := wp fin b (mkQ (inv ++ variant l vs) no no no) in
      inv ++
      map (fun (q : assertion) s => forall s', head (mods a ++ mods b) (l :: labs a ++ labs b) inv s s' -> q s')
        (cond_ob c ++ map (fun (q : assertion) s => is_cond c true s -> q (save l s)) (wp fin a (mkQ again (qn Q) again (qr Q)))
                   ++ map (fun (q : assertion) s => is_cond c false s -> q s) (qn Q))
  | CCall ps os pre post t body args ts =>
      (fun s => dfds args s /\ fit ps (args_of args s)) ::
      map (fun p s => p (args_of args s)) pre ++
      match t with Smaller => [fun s => fin (args_of args s)] | _ => [] end ++
      (fun s => forall s1, typed s1 -> posts post (args_of args s) (vals os s1) -> fit ts (vals os s1)) ::
      map (fun (q : assertion) s => forall s', agree ts [] s s' -> typed s' -> fit os (vals ts s') ->
                                      posts post (args_of args s) (vals ts s') -> q s') (qn Q)
  | CAssert p => p :: map (fun (q : assertion) s => p s -> q s) (qn Q)
  | CAssume p => map (fun (q : assertion) s => p s -> q s) (qn Q)
  | CPoint l => map (fun (q : assertion) s => q (save l s)) (qn Q)
  | CTooDeep => []
  | CReturn => qr Q
  | CBreak => qb Q
  | CContinue => qc Q
  end.

(** Every procedure that is called is correct: theorems about them. *)
Fixpoint calls_ok c : Prop :=
  match c with
  | CSeq a b | CIf _ a b | CWhile _ _ _ _ a b => calls_ok a /\ calls_ok b
  | CCall ps os pre post _ body _ _ => correct ps os pre post false body
  | _ => True
  end.
Fixpoint calls_end fin c : Prop :=
  match c with
  | CSeq a b | CIf _ a b | CWhile _ _ _ _ a b => calls_end fin a /\ calls_end fin b
  | CCall ps os pre post Always body _ _ => correct ps os pre post true body
  | CCall ps _ pre _ Smaller body _ _ => ends_for ps pre body fin
  | _ => True
  end.

(** Every loop has a variant, and every callee is known to end. *)
Fixpoint total c : bool :=
  match c with
  | CSeq a b | CIf _ a b => if total a then total b else false
  | CWhile _ _ vs l a b =>
      match vs with [] => false | _ => if meml l (labs a ++ labs b) then false else if total a then total b else false end
  | CCall _ _ _ _ Unknown _ _ _ | CTooDeep => false
  | _ => true
  end.

(** * Soundness *)

Lemma all_app : forall a b s, all (a ++ b) s <-> all a s /\ all b s.
Proof. induction a; simpl; intros; [tauto | rewrite IHa; tauto]. Qed.

Lemma all_map : forall (f : assertion -> assertion) L s, all (map f L) s <-> forall q, In q L -> f q s.
Proof.
  induction L; simpl; intros; split; intro H; [contradiction | exact I | |].
  - intros q [E | E]; [subst; apply H | apply IHL; [apply H | exact E]].
  - split; [apply H; left; reflexivity | apply IHL; intros; apply H; right; assumption].
Qed.

Lemma all_in : forall L s, all L s <-> forall q, In q L -> q s.
Proof.
  induction L; simpl; intros; split; intro H; [contradiction | exact I | |].
  - intros q [E | E]; [subst; apply H | apply IHL; [apply H | exact E]].
  - split; [apply H; left; reflexivity | apply IHL; intros; apply H; right; assumption].
Qed.

Lemma cond_ob_all : forall c s, all (cond_ob c) s <-> cond_dfd c s.
Proof. destruct c; simpl; intros; tauto. Qed.

Lemma agree_refl : forall xs ls s, agree xs ls s s.
Proof. split; auto. Qed.

Lemma agree_trans : forall xs ls s1 s2 s3, agree xs ls s1 s2 -> agree xs ls s2 s3 -> agree xs ls s1 s3.
Proof. intros xs ls s1 s2 s3 [A B] [C D]; split; intros; [rewrite C, A | rewrite D, B]; auto. Qed.

Lemma agree_weaken : forall xs ls ys ks s s', agree xs ls s s' ->
  (forall x, mem x ys = false -> mem x xs = false) -> (forall l, meml l ks = false -> meml l ls = false) -> agree ys ks s s'.
Proof. intros xs ls ys ks s s' [A B] H K; split; intros; auto. Qed.

Lemma agree_save : forall l xs ls s, meml l ls = true -> agree xs ls s (save l s).
Proof.
  intros l xs ls s H; split; intros; simpl; [reflexivity |].
  destruct (Pos.eqb_spec l0 l); [subst; congruence | reflexivity].
Qed.

Lemma do_writes_agree : forall ws s, agree (map (fun w => fst (fst w)) ws) [] s (do_writes ws s).
Proof.
  induction ws as [| [[x [i |]] v] r IH]; intros; simpl; [apply agree_refl | |];
    (split; intros y H; [| intros; rewrite (proj2 (IH _)) by reflexivity; reflexivity]);
    simpl in H; destruct (veqb y x) eqn:E; try discriminate;
    rewrite (proj1 (IH _)) by assumption; simpl; unfold upd; rewrite E; reflexivity.
Qed.

Ltac frame_ :=
  repeat match goal with
  | H : mem _ (_ ++ _) = false |- _ => apply mem_app in H; destruct H
  | H : meml _ (_ ++ _) = false |- _ => apply meml_app in H; destruct H
  end.
Ltac weaker H := eapply agree_weaken; [exact H | |]; simpl; intros;
  repeat match goal with
  | K : (if ?e then true else _) = false |- _ => destruct e; [discriminate |]
  end; try assumption; frame_; auto.

(** A run changes only what [mods] and [labs] say. *)
Definition state_of o := match o with Normal s | Break s | Continue s | Return s => Some s | Fail => None end.

Lemma frame : forall c s o, exec c s o -> forall s', state_of o = Some s' -> agree (mods c) (labs c) s s'.
Proof.
  induction 1; intros s9 E; simpl in *; try discriminate; try (injection E as E; subst); try apply agree_refl.
  - eapply agree_trans; [weaker (IHexec1 _ eq_refl) | weaker (IHexec2 _ E)].
  - weaker (IHexec _ E).
  - unfold do_asg. pose proof (do_writes_agree (map (evaluated s) ts) s) as D.
    rewrite map_map in D.
    replace (map (fun p => target_of (fst p)) ts) with (map (fun x => fst (fst (evaluated s x))) ts); [exact D |].
    apply map_ext. intros [[x | x i] e]; reflexivity.
  - assumption.
  - weaker (IHexec _ E).
  - weaker (IHexec _ E).
  - assert (agree (mods a ++ mods b) (l :: labs a ++ labs b) s (save l s)) as S
      by (apply agree_save; simpl; rewrite Pos.eqb_refl; reflexivity).
    assert (state_of o = Some s1) as O by (destruct o; simpl in *; congruence).
    eapply agree_trans; [exact S |]. eapply agree_trans; [weaker (IHexec1 _ O) |].
    eapply agree_trans; [weaker (IHexec2 _ eq_refl) |]. exact (IHexec3 _ E).
  - eapply agree_trans; [apply agree_save; simpl; rewrite Pos.eqb_refl; reflexivity |]. weaker (IHexec _ eq_refl).
  - eapply agree_trans; [apply agree_save; simpl; rewrite Pos.eqb_refl; reflexivity |]. weaker (IHexec _ E).
  - assumption.
  - apply agree_save. simpl. rewrite Pos.eqb_refl. reflexivity.
Qed.

Lemma typed_set : forall s x v, typed s -> in_sort (vsort x) v -> typed (set x v s).
Proof.
  intros s x v T F y. simpl. unfold upd. destruct (veqb y x) eqn:E; [| apply T].
  apply veqb_eq in E; subst; assumption.
Qed.

Lemma in_sort_aupd : forall t a i v, is_array t -> in_sort t a -> in_sort (elem_sort t) v -> in_sort t (aupd a i v).
Proof.
  intros t a i v A H F. destruct t; simpl in *; try contradiction. destruct H as [L H]. split; [assumption |].
  destruct (plain t); [exact I |]. intros k K. destruct (k =? i); auto.
Qed.

Lemma typed_writes : forall ws s, typed s -> writes_fit ws s -> typed (do_writes ws s).
Proof.
  induction ws as [| [[x [i |]] v] r IH]; intros s T F; simpl in *; [assumption | |].
  - destruct F as (A & _ & V & F). apply IH; [| assumption]. apply typed_set; [assumption |]. apply in_sort_aupd; auto.
  - destruct F as [V F]. apply IH; [| assumption]. apply typed_set; auto.
Qed.

Lemma typed_save : forall l s, typed s -> typed (save l s).
Proof. intros l s T x. apply T. Qed.

(** Values stay in the ranges of their sorts. *)
Lemma exec_typed : forall c s o, exec c s o -> typed s -> forall s', state_of o = Some s' -> typed s'.
Proof.
  induction 1; intros T s9 E; simpl in *; try discriminate; try (injection E as E; subst); try assumption; eauto.
  1: apply typed_writes; [assumption | apply H].
  all: match goal with
  | O : round_over ?o = Some _, H : typed _ -> forall s', state_of ?o = Some s' -> typed s', I : _ |- _ =>
      destruct o; simpl in O; try discriminate; injection O as O; subst; eauto using typed_save
  | _ => eauto using typed_save
  end.
Qed.

Definition lexlt (new old : list Z) := length new = length old /\ lexdec old new.

(** The order of variants has no endless descent. *)
Lemma lexlt_wf : well_founded lexlt.
Proof.
  assert (forall n l, length l = n -> Acc lexlt l) as A.
  { induction n as [n IH] using lt_wf_ind. intros l E. destruct l as [| o os].
    - constructor. intros y [_ D]. destruct D.
    - destruct n as [| n]; [discriminate |]. injection E as E.
      revert os E. remember (Z.to_nat (o + 1)) as k eqn:K. revert o K.
      induction k as [k IHk] using lt_wf_ind. intros o K os E.
      assert (Acc lexlt os) as AO by (apply (IH n); [lia | assumption]).
      revert o K E. induction AO as [os _ IHos]. intros o K E.
      constructor. intros [| m ms] [L D]; [simpl in L; lia |]. simpl in L.
      assert (length ms = n) as EM by lia.
      assert ((0 <= o /\ m < o) \/ (m <= o /\ lexdec os ms)) as C.
      { simpl in D. destruct os; [destruct ms; [left; exact D | simpl in L; lia] | exact D]. }
      destruct C as [[P Q] | [P Q]].
      + apply (IHk (Z.to_nat (m + 1))) with (o := m); [lia | reflexivity | assumption].
      + destruct (Nat.eq_dec (Z.to_nat (m + 1)) k).
        * apply IHos; [split; [lia | exact Q] | congruence | assumption].
        * apply (IHk (Z.to_nat (m + 1))) with (o := m); [lia | reflexivity | assumption]. }
  intro l. exact (A _ l eq_refl).
Qed.

Definition okout Q o :=
  match o with
  | Normal s => all (qn Q) s | Break s => all (qb Q) s | Continue s => all (qc Q) s | Return s => all (qr Q) s
  | Fail => False
  end.

Ltac parts :=
  repeat match goal with
  | H : all (_ ++ _) _ |- _ => apply all_app in H; destruct H
  | H : all (_ :: _) _ |- _ => destruct H
  | H : _ /\ _ |- _ => destruct H
  end.

Lemma under : forall (P : state -> Prop) L s, all (map (fun (q : assertion) s => P s -> q s) L) s -> P s -> all L s.
Proof. intros P L s H K. rewrite all_map in H. apply all_in. intros q I. exact (H q I K). Qed.

Lemma under_save : forall (P : state -> Prop) l L s,
  all (map (fun (q : assertion) s => P s -> q (save l s)) L) s -> P s -> all L (save l s).
Proof. intros P l L s H K. rewrite all_map in H. apply all_in. intros q I. exact (H q I K). Qed.

Section Loop.
  Variable fin : list val -> Prop.
  Variables (c : option expr) (inv : list assertion) (vs : list measure) (l : label) (a b : cmd) (Q : needs).
  Let H := head (mods a ++ mods b) (l :: labs a ++ labs b) inv.
  Let again := wp fin b (mkQ (inv ++ variant l vs) no no no).
  Hypothesis SA : forall Q s, typed s -> all (wp fin a Q) s -> forall o, exec a s o -> okout Q o.
  Hypothesis SB : forall Q s, typed s -> all (wp fin b Q) s -> forall o, exec b s o -> okout Q o.
  Variable s0 : state.
  Hypothesis W : forall s, H s0 s ->
    cond_dfd c s /\ (is_cond c true s -> all (wp fin a (mkQ again (qn Q) again (qr Q))) (save l s)) /\
    (is_cond c false s -> all (qn Q) s).

  Lemma before_step : forall s o s1, H s0 s -> is_cond c true s -> exec a (save l s) o -> round_over o = Some s1 ->
    typed s1 /\ all again s1 /\ agree (mods a) (labs a) (save l s) s1.
  Proof.
    intros s o s1 Hs Cs X R. destruct (W s Hs) as (_ & K & _). specialize (K Cs).
    destruct Hs as (Ag & Ty & _).
    pose proof (SA _ _ (typed_save l s Ty) K _ X) as O.
    assert (state_of o = Some s1) as E by (destruct o; simpl in *; congruence).
    split; [| split].
    - exact (exec_typed _ _ _ X (typed_save l s Ty) _ E).
    - destruct o; simpl in *; try discriminate; injection R as R; subst; exact O.
    - exact (frame _ _ _ X _ E).
  Qed.

  Lemma round : forall s o s1 o', H s0 s -> is_cond c true s -> exec a (save l s) o -> round_over o = Some s1 ->
    exec b s1 o' -> exists s2, o' = Normal s2 /\ H s0 s2 /\ all (variant l vs) s2 /\
      agree (mods a ++ mods b) (labs a ++ labs b) (save l s) s2.
  Proof.
    intros s o s1 o' Hs Cs X R X2. destruct (before_step s o s1 Hs Cs X R) as (T1 & A1 & F1).
    pose proof (SB _ _ T1 A1 _ X2) as K. destruct o' as [s2 | s2 | s2 | s2 |]; unfold no in K; simpl in K; try tauto.
    exists s2. apply all_app in K. destruct K as [I V].
    assert (agree (mods a ++ mods b) (labs a ++ labs b) (save l s) s2) as F.
    { eapply agree_trans; [weaker F1 |]. pose proof (frame _ _ _ X2 _ eq_refl) as F2. weaker F2. }
    split; [reflexivity |]. split; [| split; assumption]. destruct Hs as (Ag & Ty & _).
    split; [| split; [exact (exec_typed _ _ _ X2 T1 _ eq_refl) | exact I]].
    eapply agree_trans; [exact Ag |].
    eapply agree_trans; [apply (agree_save l); simpl; rewrite Pos.eqb_refl; reflexivity |]. weaker F.
  Qed.

  Lemma loop_sound : forall w s o, exec w s o -> w = CWhile c inv vs l a b -> H s0 s -> okout Q o.
  Proof.
    intros w s o X. induction X; intros Ew Hs; try discriminate; injection Ew as; subst.
    - destruct (W _ Hs) as (D & _). contradiction.
    - destruct (W _ Hs) as (_ & _ & E). simpl. auto.
    - match goal with
      | X1 : exec a _ ?o1, R : round_over ?o1 = _, X2 : exec b _ _ |- _ =>
          edestruct round as (s3 & E & Hs3 & _); [exact Hs | eassumption | exact X1 | exact R | exact X2 |]
      end. injection E as E. subst. auto.
    - match goal with
      | X1 : exec a _ ?o1, R : round_over ?o1 = _, X2 : exec b _ _ |- _ =>
          edestruct round as (s3 & E & Hs3 & _); [exact Hs | eassumption | exact X1 | exact R | exact X2 |]
      end.
      match goal with N : forall s2, _ <> Normal s2 |- _ => exfalso; eapply N; exact E end.
    - destruct (W _ Hs) as (_ & K & _). destruct Hs as (_ & Ty & _).
      match goal with X1 : exec a _ (Break _) |- _ => exact (SA _ _ (typed_save _ _ Ty) (K ltac:(assumption)) _ X1) end.
    - destruct (W _ Hs) as (_ & K & _). destruct Hs as (_ & Ty & _).
      match goal with X1 : exec a _ _ |- _ => pose proof (SA _ _ (typed_save _ _ Ty) (K ltac:(assumption)) _ X1) as O end.
      match goal with B : _ = Fail \/ _ |- _ => destruct B as [B | [s9 B]]; subst; exact O end.
  Qed.

  Hypothesis TA : forall Q s, typed s -> all (wp fin a Q) s -> term a s.
  Hypothesis TB : forall Q s, typed s -> all (wp fin b Q) s -> term b s.
  Hypothesis some_variant : vs <> [].
  Hypothesis own_label : meml l (labs a ++ labs b) = false.

  Lemma loop_term : forall m, Acc lexlt m -> forall s, H s0 s -> m = map (fun f => f (cur s)) vs ->
    term (CWhile c inv vs l a b) s.
  Proof.
    intros m A. induction A as [m _ IH]. intros s Hs E. constructor.
    - intro Cs. destruct (W s Hs) as (_ & K & _). destruct Hs as (_ & Ty & _).
      exact (TA _ _ (typed_save l s Ty) (K Cs)).
    - intros o s1 Cs X R. destruct (before_step s o s1 Hs Cs X R) as (T1 & A1 & _). exact (TB _ _ T1 A1).
    - intros o s1 s2 Cs X R X2. destruct (round s o s1 _ Hs Cs X R X2) as (s3 & E3 & Hs3 & V & F).
      injection E3 as E3. subst s3. apply (IH (map (fun f => f (cur s2)) vs)); [| assumption | reflexivity].
      subst m. split; [rewrite !map_length; reflexivity |].
      destruct F as [_ F]. specialize (F l own_label). simpl in F. rewrite Pos.eqb_refl in F.
      unfold variant in V. destruct vs as [| f fs]; [contradiction |]. destruct V as [V _]. rewrite F in V. exact V.
  Qed.
End Loop.

Lemma loop_conditions : forall fin c inv vs l a b Q s0,
  all (map (fun (q : assertion) s => forall s', head (mods a ++ mods b) (l :: labs a ++ labs b) inv s s' -> q s')
        (cond_ob c ++ map (fun (q : assertion) s => is_cond c true s -> q (save l s))
                        (wp fin a (mkQ (wp fin b (mkQ (inv ++ variant l vs) no no no)) (qn Q) (wp fin b (mkQ (inv ++ variant l vs) no no no)) (qr Q)))
                   ++ map (fun (q : assertion) s => is_cond c false s -> q s) (qn Q))) s0 ->
  forall s, head (mods a ++ mods b) (l :: labs a ++ labs b) inv s0 s ->
    cond_dfd c s /\
    (is_cond c true s -> all (wp fin a (mkQ (wp fin b (mkQ (inv ++ variant l vs) no no no)) (qn Q)
                                        (wp fin b (mkQ (inv ++ variant l vs) no no no)) (qr Q))) (save l s)) /\
    (is_cond c false s -> all (qn Q) s).
Proof.
  intros fin c inv vs l a b Q s0 M s Hs. rewrite all_map in M.
  match type of M with forall q, In q ?L -> _ => assert (all L s) as A by (apply all_in; intros q I; exact (M q I s Hs)) end.
  apply all_app in A. destruct A as [A1 A2]. apply all_app in A2. destruct A2 as [A2 A3].
  split; [apply cond_ob_all; exact A1 |]. split; intro K.
  - exact (under_save _ _ _ _ A2 K).
  - exact (under _ _ _ A3 K).
Qed.

Lemma fit_vals : forall xs s, typed s -> fit xs (vals xs s).
Proof. induction xs; intros s T; simpl; [exact I | split; [apply T | apply IHxs, T]]. Qed.

Lemma pres_all : forall (pre : list (list val -> Prop)) (f : state -> list val) s,
  all (map (fun p s => p (f s)) pre) s -> pres pre (f s).
Proof. induction pre; simpl; intros f s H; [exact I | split; [apply H | apply IHpre, H]]. Qed.

Theorem wp_sound : forall fin c Q s, calls_ok c -> typed s -> all (wp fin c Q) s -> forall o, exec c s o -> okout Q o.
Proof.
  intro fin. induction c as [| a IHa b IHb | ts | xs | c a IHa b IHb | c inv vs l a IHa b IHb
                 | ps os pre post t body IHbody args ts | | p | p | l | | |]; intros Q s C T W o X; simpl in C, W.
  - inversion X; subst. exact W.
  - destruct C as [C1 C2]. inversion X; subst.
    + match goal with X1 : exec a s (Normal ?s'), X2 : exec b ?s' o |- _ =>
        exact (IHb Q s' C2 (exec_typed _ _ _ X1 T _ eq_refl) (IHa _ s C1 T W _ X1) _ X2) end.
    + match goal with X1 : exec a s o, N : forall s', o <> _ |- _ =>
        pose proof (IHa _ s C1 T W _ X1) as K; destruct o; simpl in *; auto; exfalso; eapply N; reflexivity end.
  - destruct W as [W K]. inversion X; subst; [| contradiction].
    simpl. rewrite all_map in K. apply all_in. intros q I. exact (K q I).
  - inversion X; subst. simpl. rewrite all_map in W. apply all_in. intros q I. apply (W q I); assumption.
  - destruct C as [C1 C2]. apply all_app in W. destruct W as [D W]. apply all_app in W. destruct W as [W1 W2].
    apply cond_ob_all in D. inversion X; subst; [contradiction | |].
    + refine (IHa Q s C1 T _ o ltac:(assumption)). eapply under; [exact W1 | assumption].
    + refine (IHb Q s C2 T _ o ltac:(assumption)). eapply under; [exact W2 | assumption].
  - destruct C as [C1 C2]. apply all_app in W. destruct W as [I W].
    eapply loop_sound with (s0 := s); [| | | exact X | reflexivity |].
    + intros Q' s' T' W' o' X'. exact (IHa Q' s' C1 T' W' o' X').
    + intros Q' s' T' W' o' X'. exact (IHb Q' s' C2 T' W' o' X').
    + exact (loop_conditions _ _ _ _ _ _ _ _ _ W).
    + split; [apply agree_refl | split; assumption].
  - destruct W as [[D F] W]. apply all_app in W. destruct W as [P W]. apply all_app in W. destruct W as [_ [U K]]. apply pres_all in P.
    inversion X; subst.
    + exfalso. match goal with N : ~ _ |- _ => apply N; auto end.
    + match goal with En : enters _ _ ?s0, X1 : exec (body ?n) ?s0 ?o1, E1 : ends ?o1 = Some _, V : vals ts _ = _ |- _ =>
        destruct (C _ _ En P) as [C1 _]; destruct (C1 _ _ X1) as (sf & E & T2 & Po); rewrite E in E1; injection E1 as E1; subst;
        simpl; rewrite all_map in K; apply all_in; intros q I; apply (K q I); try assumption; rewrite V;
        first [apply fit_vals; assumption | exact Po | assumption] end.
    + match goal with En : enters _ _ ?s0, X1 : exec (body ?n) ?s0 ?o1, E1 : ends ?o1 = Some _, N : ~ fit _ _ |- _ =>
        destruct (C _ _ En P) as [C1 _]; destruct (C1 _ _ X1) as (sf & E & T2 & Po); rewrite E in E1; injection E1 as E1; subst;
        apply N; apply U; assumption end.
    + match goal with En : enters _ _ ?s0, X1 : exec (body ?n) ?s0 ?o1, E1 : ends ?o1 = None |- _ =>
        destruct (C _ _ En P) as [C1 _]; destruct (C1 _ _ X1) as (sf & E & _); congruence end.
  - inversion X.
  - destruct W as [W K]. inversion X; subst; [| contradiction]. simpl. eapply under; [exact K | assumption].
  - inversion X; subst. simpl. eapply under; [exact W | assumption].
  - inversion X; subst. simpl. rewrite all_map in W. apply all_in. intros q I. exact (W q I).
  - inversion X; subst. exact W.
  - inversion X; subst. exact W.
  - inversion X; subst. exact W.
Qed.

Theorem wp_terminates : forall fin c Q s, calls_ok c -> calls_end fin c -> total c = true -> typed s -> all (wp fin c Q) s -> term c s.
Proof.
  intro fin. induction c as [| a IHa b IHb | ts | xs | c a IHa b IHb | c inv vs l a IHa b IHb
                 | ps os pre post t body IHbody args ts | | p | p | l | | |]; intros Q s C D E T W; simpl in C, W, E;
    try discriminate; try (constructor; fail).
  - destruct C as [C1 C2], D as [D1 D2]. destruct (total a) eqn:Ea; [| discriminate]. constructor.
    + eapply IHa; eauto.
    + intros s' X. eapply IHb; [assumption | assumption | assumption | exact (exec_typed _ _ _ X T _ eq_refl) |].
      exact (wp_sound _ _ _ _ C1 T W _ X).
  - destruct C as [C1 C2], D as [D1 D2]. destruct (total a) eqn:Ea; [| discriminate].
    apply all_app in W. destruct W as [_ W]. apply all_app in W. destruct W as [W1 W2].
    constructor; intro K.
    + refine (IHa Q s C1 D1 eq_refl T _). eapply under; [exact W1 | exact K].
    + refine (IHb Q s C2 D2 E T _). eapply under; [exact W2 | exact K].
  - destruct C as [C1 C2], D as [D1 D2]. apply all_app in W. destruct W as [I W].
    assert (vs <> []) as V by (destruct vs; [discriminate | congruence]).
    destruct vs as [| v0 vs0]; [discriminate |].
    destruct (meml l (labs a ++ labs b)) eqn:El; [discriminate |]. destruct (total a) eqn:Ea; [| discriminate].
    eapply loop_term with (s0 := s) (Q := Q); [| | | | | exact V | exact El | apply lexlt_wf | | reflexivity].
    + intros Q' s' T' W' o' X'. exact (wp_sound fin a Q' s' C1 T' W' o' X').
    + intros Q' s' T' W' o' X'. exact (wp_sound fin b Q' s' C2 T' W' o' X').
    + exact (loop_conditions _ _ _ _ _ _ _ _ _ W).
    + intros Q' s' T' W'. exact (IHa Q' s' C1 D1 eq_refl T' W').
    + intros Q' s' T' W'. exact (IHb Q' s' C2 D2 E T' W').
    + split; [apply agree_refl | split; assumption].
  - constructor. intros s0 En P. simpl in D. destruct t; [discriminate | |].
    + destruct (D _ _ En P) as [_ K]. exact (K eq_refl).
    + apply (D _ _ En P). destruct W as [_ W]. apply all_app in W. destruct W as [_ [W _]]. exact W.
Qed.

(** * Procedures *)

Definition final (params outs : list var) (post : list contract) : needs :=
  let q := map (fun (p : contract) s => p (map (sav s OLD) params) (vals outs s)) post in mkQ q no no q.

(** Condition number [k] of a procedure whose recursive calls end for the arguments [fin]. *)
Definition vc fin params outs (pre : list (list val -> Prop)) post body (k : nat) : Prop :=
  forall s, typed s -> sav s OLD = cur s -> pres pre (vals params s) ->
    nth k (wp fin body (final params outs post)) (fun _ => True) s.

Fixpoint vcs fin params outs pre post body (k n : nat) : Prop :=
  match n with O => True | S m => vc fin params outs pre post body k /\ vcs fin params outs pre post body (S k) m end.

Lemma all_nth : forall L s, (forall k, (k < length L)%nat -> nth k L (fun _ => True) s) -> all L s.
Proof.
  induction L as [| p L IH]; simpl; intros s H; [exact I |]. split; [apply (H 0%nat); lia |].
  apply IH. intros k K. apply (H (S k)). lia.
Qed.

Lemma vcs_nth : forall fin params outs pre post body n k, vcs fin params outs pre post body k n ->
  forall j, (k <= j < k + n)%nat -> vc fin params outs pre post body j.
Proof.
  intros fin params outs pre post body. induction n as [| n IH]; simpl; intros k V j J; [lia |]. destruct V as [V R].
  destruct (Nat.eq_dec j k); [subst; exact V | apply (IH (S k)); [exact R | lia]].
Qed.

Lemma vcs_all : forall fin params outs pre post body n vs s,
  length (wp fin body (final params outs post)) = n -> vcs fin params outs pre post body 0 n ->
  enters params vs s -> pres pre vs -> all (wp fin body (final params outs post)) s.
Proof.
  intros fin params outs pre post body n vs s N V (T & Vs & O) P. apply all_nth. intros k K.
  pose proof (eq_ind _ (fun m => (k < m)%nat) K _ N) as J. cbv beta in J.
  apply (vcs_nth _ _ _ _ _ _ _ _ V); [lia | assumption | assumption | rewrite Vs; exact P].
Qed.

Lemma posts_all : forall (post : list contract) (f g : state -> list val) s,
  all (map (fun (p : contract) s => p (f s) (g s)) post) s -> posts post (f s) (g s).
Proof. induction post; simpl; intros f g s H; [exact I | split; [apply H | apply IHpost, H]]. Qed.

Lemma ends_well : forall fin params outs post body vs s o,
  calls_ok body -> meml OLD (labs body) = false -> enters params vs s ->
  all (wp fin body (final params outs post)) s -> exec body s o ->
  exists s', ends o = Some s' /\ typed s' /\ posts post vs (vals outs s').
Proof.
  intros fin params outs post body vs s o C L (T & Vs & O) W X.
  pose proof (wp_sound _ _ _ _ C T W _ X) as K. unfold final, no in K.
  assert (forall s', state_of o = Some s' -> map (sav s' OLD) params = vs) as S.
  { intros s' Eo. destruct (frame _ _ _ X _ Eo) as [_ F]. rewrite (F OLD L), O. exact Vs. }
  destruct o as [s' | s' | s' | s' |]; simpl in K; try tauto; exists s'; (split; [reflexivity |]);
    (split; [exact (exec_typed _ _ _ X T _ eq_refl) |]); apply posts_all in K; rewrite (S s' eq_refl) in K; exact K.
Qed.

(** If its conditions hold, all of them, the procedure is correct. *)
Theorem conditions_suffice : forall params outs pre post t body n,
  calls_ok body -> calls_end none body -> meml OLD (labs body) = false -> (t = true -> total body = true) ->
  length (wp none body (final params outs post)) = n -> vcs none params outs pre post body 0 n ->
  correct params outs pre post t (fun _ => body).
Proof.
  intros params outs pre post t body n C D L E N V vs s En P.
  pose proof (vcs_all _ _ _ _ _ _ _ _ _ N V En P) as W.
  split; [intros k o X; exact (ends_well _ _ _ _ _ _ _ _ C L En W X) |].
  intro Et. exists 0%nat. destruct En as [T _]. exact (wp_terminates _ _ _ _ C D (E Et) T W).
Qed.

Lemma correct_partly : forall params outs pre post t body,
  correct params outs pre post t body -> correct params outs pre post false body.
Proof. intros params outs pre post t body C vs s E P. split; [apply (C vs s E P) | discriminate]. Qed.

(** ** Recursion

    [body r] is the procedure's body, in which recursive calls run [r]. *)

Fixpoint unrolled (body : (nat -> cmd) -> cmd) n := match n with O => CTooDeep | S n => body (fun _ => unrolled body n) end.

(** How deep recursion can go for arguments with this variant, which may fall below 0 once. *)
Definition depth (m : list val -> Z) vs : nat := Z.to_nat (m vs + 1).
Definition within m n : list val -> Prop := fun vs => (depth m vs < n)%nat.

Theorem recursion_suffices : forall params outs pre post m body n,
  (forall r, correct params outs pre post false r -> calls_ok (body r)) ->
  (forall k r, ends_for params pre r (within m k) -> calls_end (within m k) (body r)) ->
  (forall r, meml OLD (labs (body r)) = false) -> (forall r, total (body r) = true) ->
  (forall k r, length (wp (within m k) (body r) (final params outs post)) = n) ->
  (forall k r, vcs (within m k) params outs (pre ++ [within m (S k)]) post (body r) 0 n) ->
  correct params outs pre post true (unrolled body).
Proof.
  intros params outs pre post m body n C D L E N V.
  assert (forall vs k, pres pre vs -> within m (S k) vs -> pres (pre ++ [within m (S k)]) vs) as App.
  { intros vs k P B. clear - P B. induction pre as [| p l IH]; [split; [exact B | exact I] | destruct P as [P Q]; split; [exact P | exact (IH Q)]]. }
  assert (forall j, correct params outs pre post false (fun _ => unrolled body j)) as Partly.
  { induction j as [| j IH]; intros vs s En P; (split; [| discriminate]); intros i o X; [inversion X |].
    assert (within m (S (depth m vs)) vs) as B by (unfold within; lia).
    exact (ends_well _ _ _ _ _ _ _ _ (C _ IH) (L _) En (vcs_all _ _ _ _ _ _ _ _ _ (N _ _) (V (depth m vs) _) En (App _ _ P B)) X). }
  assert (forall k, ends_for params pre (fun _ => unrolled body k) (within m k)) as Ends.
  { induction k as [| k IH]; intros vs s En P B; [unfold within in B; lia |]. exists 0%nat.
    pose proof (vcs_all _ _ _ _ _ _ _ _ _ (N k (fun _ => unrolled body k)) (V k _) En (App _ _ P B)) as W.
    destruct En as [T _]. exact (wp_terminates _ _ _ _ (C _ (Partly k)) (D _ _ IH) (E _) T W). }
  intros vs s En P. split; [intros j o X; exact (proj1 (Partly j vs s En P) 0%nat o X) |].
  intros _. assert (within m (S (depth m vs)) vs) as B by (unfold within; lia).
  exists (S (depth m vs)). destruct (Ends _ vs s En P B) as [_ K]. exact K.
Qed.

(** ** Lemmas

    A lemma's body only asserts, so it says something if it can be run at all: a command without calls and without [assume], whose
    conditions hold and whose runs all end, has a run. *)

Fixpoint runs_on c : bool :=
  match c with
  | CSeq a b | CIf _ a b | CWhile _ _ _ _ a b => if runs_on a then runs_on b else false
  | CCall _ _ _ _ _ _ _ _ | CAssume _ | CTooDeep => false
  | _ => true
  end.

Lemma runs_on_ok : forall c, runs_on c = true -> calls_ok c /\ forall fin, calls_end fin c.
Proof.
  induction c; simpl; intros R; try (split; intros; exact I); try discriminate;
    match goal with R : (if runs_on ?a then _ else false) = true |- _ => destruct (runs_on a) eqn:?; [| discriminate] end;
    (split; [| intro]); split; first [apply IHc1 | apply IHc2]; first [assumption | reflexivity].
Qed.

Lemma cond_cases : forall c s, is_cond c true s \/ is_cond c false s.
Proof.
  destruct c as [e |]; intro s; [| left; exact I]. simpl.
  destruct (asB (ev e s)) eqn:E; [left | right]; apply holds_ev; exact E.
Qed.

Lemma outcome_cases : forall o, (exists s, round_over o = Some s) \/ (exists s, o = Break s) \/ (o = Fail \/ exists s, o = Return s).
Proof. destruct o; simpl; eauto 6. Qed.

Lemma loop_again : forall fin c inv vs l a b Q s s2,
  all (wp fin (CWhile c inv vs l a b) Q) s -> agree (mods a ++ mods b) (l :: labs a ++ labs b) s s2 -> all inv s2 ->
  all (wp fin (CWhile c inv vs l a b) Q) s2.
Proof.
  intros fin c inv vs l a b Q s s2 W A I. simpl in *. apply all_app in W. destruct W as [_ W]. apply all_app. split; [exact I |].
  rewrite all_map in *. intros q J s' (A' & T & I'). apply (W q J). split; [eapply agree_trans; eassumption | split; assumption].
Qed.

Theorem wp_runs : forall fin c s, term c s -> forall Q, runs_on c = true -> typed s -> all (wp fin c Q) s -> exists o, exec c s o.
Proof.
  intro fin. induction 1; intros Q R T W; simpl in R; try discriminate; try (eexists; constructor; fail).
  - destruct (runs_on a) eqn:Ra; [| discriminate]. simpl in W.
    destruct (IHterm _ eq_refl T W) as [o X]. destruct (runs_on_ok a Ra) as [C _].
    destruct o as [s' | s' | s' | s' |]; [| eexists; apply X_seq_left; [exact X | congruence] ..].
    destruct (H1 s' X _ R (exec_typed _ _ _ X T _ eq_refl) (wp_sound _ _ _ _ C T W _ X)) as [o' X'].
    exists o'. eapply X_seq; eassumption.
  - destruct W as [W _]. eexists. apply X_asg. exact W.
  - exists (Normal s). apply X_havoc; [apply agree_refl | exact T].
  - destruct (runs_on a) eqn:Ra; [| discriminate]. simpl in W.
    apply all_app in W. destruct W as [D W]. apply all_app in W. destruct W as [W1 W2]. apply cond_ob_all in D.
    destruct (cond_cases c s) as [K | K].
    + destruct (H0 K Q eq_refl T) as [o X]; [eapply under; [exact W1 | exact K] |]. exists o. apply X_then; assumption.
    + destruct (H2 K Q R T) as [o X]; [eapply under; [exact W2 | exact K] |]. exists o. apply X_else; assumption.
  - destruct (runs_on a) eqn:Ra; [| discriminate].
    destruct (runs_on_ok a Ra) as [Ca _], (runs_on_ok b R) as [Cb _]. pose proof W as W0.
    simpl in W. apply all_app in W. destruct W as [I W].
    destruct (loop_conditions _ _ _ _ _ _ _ _ _ W s (conj (agree_refl _ _ _) (conj T I))) as (D & Yes & No).
    destruct (cond_cases c s) as [K | K]; [| exists (Normal s); apply X_while_end; assumption].
    specialize (Yes K).
    destruct (H0 K _ eq_refl (typed_save l s T) Yes) as [o X].
    pose proof (wp_sound _ _ _ _ Ca (typed_save l s T) Yes _ X) as O.
    destruct (outcome_cases o) as [[s1 E] | [[s1 E] | E]].
    + assert (state_of o = Some s1) as S1 by (destruct o; simpl in *; congruence).
      pose proof (exec_typed _ _ _ X (typed_save l s T) _ S1) as T1.
      assert (all (wp fin b (mkQ (i ++ variant l v) no no no)) s1) as Wb
        by (destruct o; simpl in *; try discriminate; injection E as E; subst; exact O).
      destruct (H2 o s1 K X E _ R T1 Wb) as [o' X'].
      pose proof (wp_sound _ _ _ _ Cb T1 Wb _ X') as O'.
      destruct o' as [s2 | s2 | s2 | s2 |]; unfold no in O'; simpl in O'; try tauto.
      apply all_app in O'. destruct O' as [I2 _].
      assert (agree (mods a ++ mods b) (l :: labs a ++ labs b) s s2) as A.
      { eapply agree_trans; [apply (agree_save l); simpl; rewrite Pos.eqb_refl; reflexivity |].
        eapply agree_trans; [pose proof (frame _ _ _ X _ S1) as F; weaker F | pose proof (frame _ _ _ X' _ eq_refl) as F; weaker F]. }
      destruct (H4 o s1 s2 K X E X' Q) as [o'' X''].
      * simpl. rewrite Ra. exact R.
      * exact (exec_typed _ _ _ X' T1 _ eq_refl).
      * exact (loop_again _ _ _ _ _ _ _ _ _ _ W0 A I2).
      * exists o''. eapply X_while_round; eassumption.
    + subst. exists (Normal s1). apply X_while_break; assumption.
    + exists o. apply X_while_left; assumption.
  - destruct W as [W _]. eexists. apply X_assert. exact W.
Qed.

(** A state in which the parameters have given values. *)
Definition zero t := match t with SBool => VB false | SArr _ => VA 0 (fun _ => VZ 0) | _ => VZ 0 end.
Lemma zero_fits : forall t, in_sort t (zero t).
Proof.
  destruct t as [| | | w g | e]; simpl; try exact I; try lia; [destruct w, g; simpl; lia |].
  split; [lia |]. destruct (plain e); [exact I |]. intros; lia.
Qed.

Fixpoint start_memory (params : list var) (vs : list val) : var -> val :=
  match params, vs with
  | x :: xs, v :: vs => upd (start_memory xs vs) x v
  | _, _ => fun x => zero (vsort x)
  end.
Fixpoint distinct (xs : list var) : bool := match xs with [] => true | x :: r => if mem x r then false else distinct r end.

Lemma veqb_refl : forall x, veqb x x = true.
Proof. intro x. apply veqb_eq. reflexivity. Qed.

Lemma start_enters : forall params vs, distinct params = true -> fit params vs ->
  let m := start_memory params vs in enters params vs (St m (fun _ => m)).
Proof.
  intros params vs D F. assert (forall x, in_sort (vsort x) (start_memory params vs x)) as T.
  { clear D. revert vs F. induction params as [| y ys IH]; intros [| v vs] F x; simpl in *; try apply zero_fits; try contradiction.
    unfold upd. destruct F as [Fv F]. destruct (veqb x y) eqn:E; [| apply IH; exact F]. apply veqb_eq in E. subst. exact Fv. }
  split; [exact T |]. split; [| reflexivity]. unfold vals. simpl. clear T. revert vs D F.
  induction params as [| y ys IH]; intros [| v vs] D F; simpl in *; try reflexivity; try contradiction.
  destruct (mem y ys) eqn:M; [discriminate |]. destruct F as [_ F]. unfold upd at 1. rewrite veqb_refl. f_equal.
  rewrite <- (IH vs D F) at 2. apply map_ext_in. intros z Z. unfold upd. destruct (veqb z y) eqn:E; [| reflexivity].
  apply veqb_eq in E. subst. exfalso. clear - M Z. induction ys as [| w ws IHw]; [contradiction |]. simpl in M.
  destruct (veqb y w) eqn:E; [discriminate |]. destruct Z as [Z | Z]; [subst; rewrite veqb_refl in E; discriminate | auto].
Qed.

Lemma from_posts : forall A B : Prop, A -> (A -> B) -> B.
Proof. auto. Qed.

(** What a lemma's [ensures] say, with no results, follows from its [requires]. *)
Theorem lemma_holds : forall params pre post body n vs,
  runs_on body = true -> total body = true -> meml OLD (labs body) = false -> distinct params = true ->
  length (wp none body (final params [] post)) = n -> vcs none params [] pre post body 0 n ->
  fit params vs -> pres pre vs -> posts post vs [].
Proof.
  intros params pre post body n vs R E L D N V F P. pose proof (start_enters params vs D F) as En. simpl in En.
  set (s := St (start_memory params vs) (fun _ => start_memory params vs)) in *.
  destruct (runs_on_ok _ R) as [C Ce]. pose proof (vcs_all _ _ _ _ _ _ _ _ _ N V En P) as W. pose proof En as (T & _).
  destruct (wp_runs _ _ _ (wp_terminates _ _ _ _ C (Ce none) E T W) _ R T W) as [o X].
  destruct (ends_well _ _ _ _ _ _ _ _ C L En W X) as (s' & _ & _ & G). exact G.
Qed.

(** * Permutations: the same numbers, each as often *)

Fixpoint tally (f : Z -> val) (n : nat) (v : Z) : Z :=
  match n with O => 0 | S n => tally f n v + (if asZ (f (Z.of_nat n)) =? v then 1 else 0) end.
Definition perm a b :=
  alen a = alen b /\ forall v, tally (elt a) (Z.to_nat (alen a)) v = tally (elt b) (Z.to_nat (alen b)) v.

Lemma perm_refl : forall a, perm a a.
Proof. intro a. split; reflexivity. Qed.
Lemma perm_sym : forall a b, perm a b -> perm b a.
Proof. intros a b [L T]. split; [lia |]. intro v. symmetry. apply T. Qed.
Lemma perm_trans : forall a b c, perm a b -> perm b c -> perm a c.
Proof. intros a b c [L T] [M U]. split; [lia |]. intro v. rewrite T. apply U. Qed.
Lemma perm_length : forall a b, perm a b -> alen a = alen b.
Proof. intros a b [L _]. exact L. Qed.

Lemma tally_agree : forall f g n v, (forall k, 0 <= k < Z.of_nat n -> asZ (f k) = asZ (g k)) -> tally f n v = tally g n v.
Proof. induction n as [| n IH]; intros v H; simpl; [reflexivity |]. rewrite IH, H by (intros; try apply H; lia). reflexivity. Qed.
(** Arrays of equal length and with equal elements are permutations of each other. *)
Lemma perm_same : forall a b, alen a = alen b -> (forall k, 0 <= k < alen a -> asZ (elt a k) = asZ (elt b k)) -> perm a b.
Proof. intros a b L E. split; [exact L |]. intro v. rewrite <- L. apply tally_agree. intros k K. apply E. lia. Qed.

Lemma tally_upd : forall a i x v n, 0 <= i < Z.of_nat n ->
  tally (elt (aupd a i x)) n v =
  tally (elt a) n v - (if asZ (elt a i) =? v then 1 else 0) + (if asZ x =? v then 1 else 0).
Proof.
  induction n as [| n IH]; intro I; [lia |]. cbn [tally].
  change (elt (aupd a i x) (Z.of_nat n)) with (if Z.of_nat n =? i then x else elt a (Z.of_nat n)).
  destruct (Z.eqb_spec (Z.of_nat n) i) as [E | E].
  - rewrite (tally_agree (elt (aupd a i x)) (elt a)); [subst; lia |]. intros k K.
    change (elt (aupd a i x) k) with (if k =? i then x else elt a k). destruct (Z.eqb_spec k i); [lia | reflexivity].
  - rewrite IH by lia. lia.
Qed.

(** Two elements exchanged. *)
Lemma perm_swap : forall a i j x y, 0 <= i < alen a -> 0 <= j < alen a -> asZ x = asZ (elt a j) -> asZ y = asZ (elt a i) ->
  perm (aupd (aupd a i x) j y) a.
Proof.
  intros a i j x y I J X Y. split; [reflexivity |]. intro v. cbn [alen aupd].
  rewrite tally_upd by lia. rewrite tally_upd by lia.
  change (elt (aupd a i x) j) with (if j =? i then x else elt a j). rewrite Y.
  destruct (Z.eqb_spec j i); [subst j |]; rewrite X; lia.
Qed.

(** * Tactics, which nothing rests on *)

Notation iv s x := (asZ (cur s x)).
Notation bv s x := (asB (cur s x)).
Notation io s l x := (asZ (sav s l x)).
Notation bo s l x := (asB (sav s l x)).

Lemma alen_aupd : forall a i x, alen (aupd a i x) = alen a. Proof. reflexivity. Qed.
Lemma elt_aupd : forall a i x j, elt (aupd a i x) j = if j =? i then x else elt a j. Proof. reflexivity. Qed.
Lemma alen_afill : forall n x, alen (afill n x) = n. Proof. reflexivity. Qed.
Lemma elt_afill : forall n x j, elt (afill n x) j = x. Proof. reflexivity. Qed.

Ltac reduce1 :=
  cbv beta iota delta [vc none within depth final vals pres posts head is_cond cond_dfd cond_ob variant dfds set save upd asg_ok do_asg target_dfd
                       evaluated args_of target_of write elem_sort alit no OLD] in *;
  cbn [wp nth map app fold_right veqb seqb weqb Bool.eqb Pos.eqb vid vsort all lexdec holds negb ev dfd bin cur sav do_writes
       writes_fit fit fst snd mods labs qn qb qc qr in_sort plain low high is_array asZ asB same length Z.of_nat] in *.
Ltac reduce := reduce1; reduce1; reduce1.

Ltac states :=
  repeat match goal with
  | H : agree _ _ ?s ?s' |- context [cur ?s' ?x] => rewrite (proj1 H x eq_refl)
  | H : agree _ _ ?s ?s', K : context [cur ?s' ?x] |- _ => rewrite (proj1 H x eq_refl) in K
  | H : agree _ _ ?s ?s' |- context [sav ?s' ?l] => rewrite (proj2 H l eq_refl)
  | H : agree _ _ ?s ?s', K : context [sav ?s' ?l] |- _ => rewrite (proj2 H l eq_refl) in K
  | H : sav ?s ?l = cur ?s |- context [sav ?s ?l] => rewrite H
  | H : sav ?s ?l = cur ?s, K : context [sav ?s ?l ?x] |- _ => rewrite H in K
  end; cbn [cur sav save set upd] in *.

Ltac div1 a b :=
  let E := fresh "E" in let q := fresh "q" in let r := fresh "r" in
  pose proof (euclid a b) as E; try (specialize (E ltac:(lia)));
  set (q := ediv a b) in *; set (r := emod a b) in *; clearbody q r.

Ltac divs :=
  repeat match goal with
  | |- context [ediv ?a ?b] => div1 a b
  | |- context [emod ?a ?b] => div1 a b
  | H : context [ediv ?a ?b] |- _ => div1 a b
  | H : context [emod ?a ?b] |- _ => div1 a b
  end.

Ltac ifs :=
  repeat match goal with
  | |- context [if ?x =? ?y then _ else _] => destruct (Z.eqb_spec x y)
  | |- context [if ?x <? ?y then _ else _] => destruct (Z.ltb_spec x y)
  | |- context [if ?x <=? ?y then _ else _] => destruct (Z.leb_spec x y)
  | H : context [if ?x =? ?y then _ else _] |- _ => destruct (Z.eqb_spec x y)
  | H : context [if ?x <? ?y then _ else _] |- _ => destruct (Z.ltb_spec x y)
  | H : context [if ?x <=? ?y then _ else _] |- _ => destruct (Z.leb_spec x y)
  end.

Ltac open :=
  repeat match goal with
  | H : _ /\ _ |- _ => destruct H
  | H : exists _, _ |- _ => destruct H
  | H : True |- _ => clear H
  | |- _ /\ _ => split
  | |- True => exact I
  | |- forall _, _ => intro
  end.

Definition seen (P : Prop) (t : Z) := True.
Ltac instance H t :=
  let P := type of H in
  match goal with K : seen P t |- _ => fail 1 | _ => assert (seen P t) by exact I; let N := fresh "N" in pose proof (H t) as N; cbn beta in N end.

(** Instances of what holds for all integers, at the indices that the goal looks at. *)
Ltac instances :=
  repeat match goal with
  | H : forall k : Z, _ |- context [elt _ ?t] => instance H t
  | H : forall k : Z, _, K : ?x <= ?t < _ |- _ => is_var t; instance H t
  end.

Ltac arith := solve [assumption | reflexivity | congruence | lia | nia].
Ltac bools :=
  repeat match goal with
  | |- ?x = true <-> _ => destruct x eqn:?
  | H : ?b = true |- context [?b] => rewrite H
  | H : ?b = false |- context [?b] => rewrite H
  end.

Ltac know P :=
  let T := type of P in
  match goal with
  | H : T |- _ => fail 1
  | _ => let N := fresh "N" in pose proof P as N;
         cbn [in_sort plain low high asZ] in N;
         repeat match type of N with ?A -> _ => specialize (N ltac:(first [assumption | lia | intuition lia])) end
  end.

Ltac side := solve [assumption | lia | intuition lia | divs; intuition lia | intuition nia].

Ltac solve_goal :=
  first [ arith
        | solve [intuition lia]
        | solve [divs; arith]
        | solve [rewrite ?alen_aupd, ?elt_aupd, ?alen_afill, ?elt_afill in *; cbn [asZ asB] in *; instances; ifs; open; first [arith | divs; arith]]
        | solve [ifs; first [arith | divs; arith]]
        | solve [intuition (ifs; divs; arith)]
        | solve [eauto] ].

Ltac bool_facts :=
  repeat match goal with
  | H : (_ <? _) = true |- _ => apply Z.ltb_lt in H
  | H : (_ <? _) = false |- _ => apply Z.ltb_ge in H
  | H : (_ <=? _) = true |- _ => apply Z.leb_le in H
  | H : (_ <=? _) = false |- _ => apply Z.leb_gt in H
  | H : (_ =? _) = true |- _ => apply Z.eqb_eq in H
  | H : (_ =? _) = false |- _ => apply Z.eqb_neq in H
  end.

Ltac cases_ :=
  repeat match goal with
  | |- context [if ?b then _ else _] =>
      lazymatch b with context [if _ then _ else _] => fail | _ => let E := fresh in destruct b eqn:E end
  | H : context [if ?b then _ else _] |- _ =>
      lazymatch b with context [if _ then _ else _] => fail | _ => let E := fresh in destruct b eqn:E end
  end; bool_facts.
(** Both sides of a recursive function's equation, with [E] for what does not depend on the fuel. *)
Ltac unfolded_ E := first [reflexivity | solve [apply E; side] | progress f_equal; unfolded_ E].

(** What a file adds of its own: constants to unfold, ranges of variables, equations of its functions. *)
Ltac constants := idtac.
Ltac facts := idtac.
Ltac definitions := idtac.
Ltac equation := fail.
Ltac merge := idtac.

(** ** When arithmetic is not enough

    A small solver: what holds for all integers is instantiated at the terms that stand in the goal, recursive functions are unfolded a
    few times, then each application gets a name, with a fact for each two of them (equal arguments, equal values), so
    that nothing is left but arithmetic. *)

Definition zelt a i := asZ (elt a i).
Definition belt a i := asB (elt a i).
Definition is1 {A B : Type} (f : A -> B) a x := x = f a.
Definition is2 {A B C : Type} (f : A -> B -> C) a b x := x = f a b.
Definition is3 {A B C D : Type} (f : A -> B -> C -> D) a b c x := x = f a b c.
Definition is4 {A B C D E : Type} (f : A -> B -> C -> D -> E) a b c d x := x = f a b c d.
Definition agreed (P : Prop) := P.

Lemma same1 : forall A B (f : A -> B) a x a' x', is1 f a x -> is1 f a' x' -> a = a' -> x = x'.
Proof. unfold is1. congruence. Qed.
Lemma same2 : forall A B C (f : A -> B -> C) a b x a' b' x', is2 f a b x -> is2 f a' b' x' -> a = a' -> b = b' -> x = x'.
Proof. unfold is2. congruence. Qed.
Lemma same3 : forall A B C D (f : A -> B -> C -> D) a b c x a' b' c' x',
  is3 f a b c x -> is3 f a' b' c' x' -> a = a' -> b = b' -> c = c' -> x = x'.
Proof. unfold is3. congruence. Qed.
Lemma same4 : forall A B C D E (f : A -> B -> C -> D -> E) a b c d x a' b' c' d' x',
  is4 f a b c d x -> is4 f a' b' c' d' x' -> a = a' -> b = b' -> c = c' -> d = d' -> x = x'.
Proof. unfold is4. congruence. Qed.

Ltac name1 f a := let x := fresh "e" in set (x := f a) in *; assert (is1 f a x) by reflexivity; clearbody x.
Ltac name2 f a b := let x := fresh "e" in set (x := f a b) in *; assert (is2 f a b x) by reflexivity; clearbody x.
Ltac name3 f a b c := let x := fresh "e" in set (x := f a b c) in *; assert (is3 f a b c x) by reflexivity; clearbody x.
Ltac name4 f a b c d := let x := fresh "e" in set (x := f a b c d) in *; assert (is4 f a b c d x) by reflexivity; clearbody x.

(** The equality of arguments that are alike is no question; the rest is for [lia]. *)
Ltac paired N := repeat first [specialize (N eq_refl) | match type of N with ?a = ?b -> _ => let E := fresh in assert (E : a = b) by lia; specialize (N E); clear E end].
Ltac pairs1 :=
  match goal with
  | E : is1 ?f ?a ?x |- _ =>
      repeat match goal with
      | F : is1 f ?b ?y |- _ => tryif constr_eq x y then fail else
          (let N := fresh "N" in pose proof (same1 _ _ f a x b y E F) as N; paired N; change (agreed (is1 f b y)) in F)
      end; repeat match goal with F : agreed (is1 _ _ _) |- _ => unfold agreed in F end; clear E
  | E : is2 ?f ?a ?b ?x |- _ =>
      repeat match goal with
      | F : is2 f ?c ?d ?y |- _ => tryif constr_eq x y then fail else
          (let N := fresh "N" in pose proof (same2 _ _ _ f a b x c d y E F) as N; paired N; change (agreed (is2 f c d y)) in F)
      end; repeat match goal with F : agreed (is2 _ _ _ _) |- _ => unfold agreed in F end; clear E
  | E : is3 ?f ?a ?b ?c ?x |- _ =>
      repeat match goal with
      | F : is3 f ?a' ?b' ?c' ?y |- _ => tryif constr_eq x y then fail else
          (let N := fresh "N" in pose proof (same3 _ _ _ _ f a b c x a' b' c' y E F) as N; paired N;
           change (agreed (is3 f a' b' c' y)) in F)
      end; repeat match goal with F : agreed (is3 _ _ _ _ _) |- _ => unfold agreed in F end; clear E
  | E : is4 ?f ?a ?b ?c ?d ?x |- _ =>
      repeat match goal with
      | F : is4 f ?a' ?b' ?c' ?d' ?y |- _ => tryif constr_eq x y then fail else
          (let N := fresh "N" in pose proof (same4 _ _ _ _ _ f a b c d x a' b' c' d' y E F) as N; paired N;
           change (agreed (is4 f a' b' c' d' y)) in F)
      end; repeat match goal with F : agreed (is4 _ _ _ _ _ _) |- _ => unfold agreed in F end; clear E
  end.

(** What a file adds: names for the applications of its recursive functions. *)
Ltac name_calls := fail.
Ltac names :=
  repeat match goal with
  | |- context [asZ (elt ?a ?t)] => change (asZ (elt a t)) with (zelt a t) in *; name2 zelt a t
  | H : context [asZ (elt ?a ?t)] |- _ => change (asZ (elt a t)) with (zelt a t) in *; name2 zelt a t
  | |- context [asB (elt ?a ?t)] => change (asB (elt a t)) with (belt a t) in *; name2 belt a t
  | H : context [asB (elt ?a ?t)] |- _ => change (asB (elt a t)) with (belt a t) in *; name2 belt a t
  | _ => name_calls
  end.

Ltac updates := rewrite ?alen_aupd, ?elt_aupd, ?alen_afill, ?elt_afill in *; cbn [asZ asB] in *.

Ltac universal H := match type of H with forall k : Z, _ => idtac end.
Ltac instances_everywhere :=
  repeat match goal with
  | H : forall k : Z, _ |- context [elt _ ?t] => instance H t
  | H : forall k : Z, _, K : context [elt _ ?t] |- _ => instance H t
  | H : forall k : Z, _, K : ?x <= ?t < _ |- _ => is_var t; instance H t
  | H : forall k : Z, _ |- ?t = _ => is_var t; instance H t
  end.
Ltac instances_of_goal :=
  repeat match goal with
  | H : forall k : Z, _ |- context [elt _ ?t] => instance H t
  | H : forall k : Z, _, K : ?x <= ?t < _ |- _ => is_var t; instance H t
  end.
Ltac clear_universals := repeat match goal with H : forall k : Z, _ |- _ => clear H | H : seen _ _ |- _ => clear H | H : forall b : bool, _ |- _ => clear H end.

Ltac truth :=
  repeat match goal with
  | b : bool |- _ => destruct b
  end; repeat match goal with
  | H : true = false |- _ => discriminate H
  | H : false = true |- _ => discriminate H
  | H : true = true |- _ => clear H
  end.

(** The values of a state, as variables, so that equations can be put in. *)
Ltac values :=
  repeat match goal with
  | |- context [asZ (cur ?s ?x)] => let v := fresh "v" in set (v := asZ (cur s x)) in *; clearbody v
  | H : context [asZ (cur ?s ?x)] |- _ => let v := fresh "v" in set (v := asZ (cur s x)) in *; clearbody v
  | |- context [asZ (sav ?s ?l ?x)] => let v := fresh "v" in set (v := asZ (sav s l x)) in *; clearbody v
  | H : context [asZ (sav ?s ?l ?x)] |- _ => let v := fresh "v" in set (v := asZ (sav s l x)) in *; clearbody v
  | |- context [asB (cur ?s ?x)] => let v := fresh "v" in set (v := asB (cur s x)) in *; clearbody v
  | H : context [asB (cur ?s ?x)] |- _ => let v := fresh "v" in set (v := asB (cur s x)) in *; clearbody v
  | |- context [asB (sav ?s ?l ?x)] => let v := fresh "v" in set (v := asB (sav s l x)) in *; clearbody v
  | H : context [asB (sav ?s ?l ?x)] |- _ => let v := fresh "v" in set (v := asB (sav s l x)) in *; clearbody v
  | |- context [cur ?s ?x] => let v := fresh "a" in set (v := cur s x) in *; clearbody v
  | H : context [cur ?s ?x] |- _ => let v := fresh "a" in set (v := cur s x) in *; clearbody v
  | |- context [sav ?s ?l ?x] => let v := fresh "a" in set (v := sav s l x) in *; clearbody v
  | H : context [sav ?s ?l ?x] |- _ => let v := fresh "a" in set (v := sav s l x) in *; clearbody v
  end.

Ltac parts_ := repeat match goal with H : _ /\ _ |- _ => destruct H | |- _ /\ _ => split end.
(** Variables that are squeezed to 0 or 1, or to another one: products are then easier. *)
Ltac squeezed :=
  repeat match goal with
  | x : Z |- _ => let E := fresh in assert (E : x = 0) by lia; subst x
  | x : Z |- _ => let E := fresh in assert (E : x = 1) by lia; subst x
  | x : Z, y : Z |- _ => let E := fresh in assert (E : x = y) by lia; subst x
  end.
Ltac by_arithmetic :=
  parts_; first [lia | subst; parts_; first [lia | timeout 2 nia | squeezed; first [lia | timeout 2 nia]]].

Ltac ground := updates; clear_universals; ifs; open; names; repeat pairs1; truth;
  first [ lia | solve [intuition (discriminate || lia)] | divs; by_arithmetic
        | match goal with H : _ \/ _ |- _ => destruct H; parts_; try divs; by_arithmetic end ].

Ltac goal_parts := open; repeat match goal with |- _ <-> _ => split; intros; open end.

Ltac witness tac :=
  match goal with
  | |- exists k : Z, _ =>
      match goal with
      | |- context [elt _ ?t] => exists t; goal_parts; tac
      | _ : context [elt _ ?t] |- _ => exists t; goal_parts; tac
      | x : Z |- _ => exists x; goal_parts; tac
      end
  end.

Ltac search :=
  values; goal_parts; updates; ifs; goal_parts;
  first [ witness ltac:(solve [ground | instances_of_goal; ground])
        | solve [divs; by_arithmetic]
        | solve [instances_of_goal; ground]
        | solve [do 2 (try equation); merge; instances_of_goal; ground]
        | solve [instances_everywhere; ground]
        | solve [do 4 (try equation); merge; instances_everywhere; ground] ].

Ltac start :=
  lazymatch goal with |- forall _ : nat, _ => intros k r | _ => idtac end; constants; cbv beta; intros s T O P; reduce; open; facts; constants; reduce; states; reduce; states; reduce;
  repeat match goal with H : agree _ _ _ _ |- _ => clear H end.
Ltac auto_ := open; definitions; open; first [timeout 1 solve_goal | timeout 2 (do 3 (try equation); merge; ifs; solve_goal) | search].

(** ** Explicit proofs

    The exporter states a condition as a formula of its own, [G], with the steps that prove it; the condition follows from it. *)

(** What a file adds: [conditions] computes which conditions there are, [computed] what the goal says of values, [computes H] the
    same for a hypothesis. *)
Ltac conditions := idtac.
Ltac computes H := idtac.
Ltac computed := idtac.

Ltac settle_hypotheses :=
  repeat match goal with H : _ /\ _ |- _ => destruct H | H : True |- _ => clear H end.
(** What has become of [cur] and [sav] of a state that is not known is folded again. *)
Ltac tidy H :=
  repeat match goal with
  | s : state |- _ => progress change (match s with St c _ => c end) with (cur s) in H
  | s : state |- _ => progress change (match s with St _ k => k end) with (sav s) in H
  end; cbn [asZ asB alen aupd afill] in H.
Ltac tidied :=
  repeat match goal with
  | s : state |- _ => progress change (match s with St c _ => c end) with (cur s)
  | s : state |- _ => progress change (match s with St _ k => k end) with (sav s)
  end; cbn [asZ asB alen aupd afill].
(** All that is said of values goes into the goal, where it is computed at once; [agree] stays: the states in it would become large. *)
Ltac gather :=
  lazymatch goal with |- ?G => change (agreed G) end;
  repeat match goal with
  | H : ?A |- _ =>
      lazymatch type of A with
      | Prop => lazymatch A with agree _ _ _ _ => fail | typed _ => fail | sav _ _ = cur _ => fail | forall _ : val, _ => fail | _ => revert H end
      end
  end.
Ltac release := repeat lazymatch goal with |- agreed _ => fail | |- _ -> _ => intro end; lazymatch goal with |- agreed ?G => change G end.
Ltac frames :=
  repeat match goal with
  | H : agree _ _ ?s ?s' |- context [cur ?s' ?x] => rewrite (proj1 H x eq_refl)
  | H : agree _ _ ?s ?s' |- context [sav ?s' ?l] => rewrite (proj2 H l eq_refl)
  | H : sav ?s ?l = cur ?s |- context [sav ?s ?l] => rewrite H
  end.
Ltac enter :=
  conditions; lazymatch goal with |- forall _ : nat, _ => intros k r | _ => idtac end; conditions; intros s0 Ts0 O P; cbv delta [OLD] in O.
Ltac settle_after tac :=
  settle_hypotheses; gather; tac; computed; tidied; repeat progress (frames; computed; tidied); release; settle_hypotheses.
Ltac settle := settle_after definitions.

Ltac have := first [assumption | lia | tauto | solve [intuition lia] | solve [eauto]].
(** A hypothesis that says what the sort [R] of a variable says of its value. *)
Ltac ranged R :=
  let N := fresh in pose proof R as N; computes N; tidy N; settle_hypotheses; have.
Ltac feed K tac := match type of K with ?A -> _ => let N := fresh in assert (N : A) by tac; specialize (K N); clear N end.
Ltac prepare K := computes K; tidy K.
Ltac comparisons K := rewrite ?Z.eqb_eq, ?Z.leb_le, ?Z.ltb_lt, ?Z.ge_le_iff, ?Z.gt_lt_iff in K |- *.
Ltac conclude K :=
  first [ exact K
        | comparisons K; exact K
        | open; first [exact I | have | solve [rewrite ?alen_aupd, ?alen_afill in *; have] | solve [intuition (eauto; lia)]] ].

(** One of the premises says that the lemma holds for smaller arguments. *)
Ltac by_induction := settle_after idtac; match goal with IH : forall _, _ |- _ => apply IH; have end.
Ltac by_parts R := constants; cbv beta; cbn [fit pres posts fold_right map nth vsort in_sort plain low high asZ asB is_array same] in R |- *; tauto.

Ltac by_cases_ :=
  unfold aupd; cbn [elt asZ asB alen]; cases_; first [lia | intuition (first [lia | congruence]) | tauto].
Ltac by_division a b := pose proof (euclid a b); lia.
Ltac same_ := intros; first [reflexivity | lia | assumption | f_equal; same_ | congruence | solve [cases_; lia]].
(** Premises that hold are dropped, one after the other. *)
Ltac chain_ :=
  repeat match goal with
  | H : ?A -> _ |- _ => lazymatch type of A with Prop => let N := fresh in assert (N : A) by first [assumption | lia]; specialize (H N); clear N end
  end; first [assumption | lia].
Ltac ground_ := lazymatch goal with |- perm _ _ => chain_ | _ => first [lia | nia | chain_ | intuition congruence] end.
Ltac equation_ E := rewrite E; clear E; cases_; open; first [lia | congruence | intuition (first [lia | congruence | discriminate])].
