"""What things of a file are called in Rocq."""

from __future__ import annotations


class Names:
    """Names of a file as identifiers of Rocq: a prefix by kind, so that none is a keyword or a name of the prelude."""

    def __init__(self) -> None:
        self._made: dict[tuple[str, str], str] = {}
        self._taken: set[str] = set()

    def copy(self) -> Names:
        other = Names()
        other._made, other._taken = dict(self._made), set(self._taken)
        return other

    def __call__(self, prefix: str, name: str) -> str:
        key = (prefix, name)
        if key not in self._made:
            plain = prefix + "".join([c if c.isascii() and (c.isalnum() or c == "_") else "_" for c in name])
            candidate, count = plain, 1
            while candidate in self._taken:
                count += 1
                candidate = f"{plain}__{count}"
            self._taken.add(candidate)
            self._made[key] = candidate
        return self._made[key]
