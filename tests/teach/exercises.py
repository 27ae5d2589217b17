"""Templates that the tests of exercises share."""

SUM = """// The sum of the numbers up to n.
predicate small(x: int) = x <= 1

procedure sum(n: int) returns (s: int)
  requires n >= 0
  ensures  2 * s = n * (n + 1)
begin
  var i := 0;
  s := 0;
  while i < n
    invariant ?
    variant ?
  do
    i := i + 1;
    s := s + i
  end
end
"""
GOOD = ("0 <= i <= n and 2 * s = i * (i + 1)", "n - i")

SWAP = """// exercise: assigns x, y
triple swap
{ x = a and y = b }
  ?
{ x = b and y = a }
"""


def filled(text: str, *parts: str) -> str:
    """The template with its holes filled in order."""
    for part in parts:
        text = text.replace("?", part, 1)
    return text
