"""What other tools can check: goals as standard SMT-LIB, programs with their proofs as Rocq, and a second solver's opinion."""
