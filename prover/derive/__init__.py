"""Derivations in Hoare logic: trees of rule applications, and a checker of their rules that shares nothing with the kernel's
verification conditions."""
