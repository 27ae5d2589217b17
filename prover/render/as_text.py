"""Format `text`: for people, with excerpts."""

from __future__ import annotations

from prover.record import record
from prover.render.finding import Checked
from prover.render.formats import About
from prover.render.style import Style
from prover.render.tally import Tally, summary_line
from prover.render.text import diagnostic_text, file_details, file_line, inferred_lines


@record
class _Text:
    style: Style

    def start(self) -> str:
        return ""

    def file(self, file: Checked) -> str:
        held = None if file.differences is None else file.good
        lines = [file_line(file.report, self.style, held), *(inferred_lines(file.report, self.style) if held is None else ())]
        blocks = [diagnostic_text(d, self.style) for d in file.differences or ()]
        if not held and (details := file_details(file.report, self.style)):
            blocks.append(details)
        return "\n".join(lines) + "\n" + ("\n" + "\n\n".join(blocks) + "\n\n" if blocks else "")

    def finish(self, tally: Tally) -> str:
        return summary_line(tally, self.style) + "\n"


def made(about: About) -> _Text:
    return _Text(about.style)
