"""Gradescope's autograder bundle: a zip with `setup.sh`, `run_autograder` and the template.

The layout is that of Gradescope's technical details: `setup.sh` runs once when the image is made, `run_autograder` for each
submission, which lies in /autograder/submission; it writes /autograder/results/results.json.
"""

from __future__ import annotations

import io
import zipfile

from prover.source import Source

_SETUP = """#!/usr/bin/env bash
set -e
apt-get update
apt-get install -y python3 python3-pip python3-venv
python3 -m venv /autograder/venv
/autograder/venv/bin/pip install /autograder/source/*.whl
"""
_RUN = """#!/usr/bin/env bash
# The submission is the one .proof file; where there are several, the first by name.
cd /autograder/submission
file=$(find . -type f -name '*.proof' | LC_ALL=C sort | head -n 1)
if [ -z "$file" ]; then file=./submission.proof; fi
/autograder/venv/bin/prover grade --template /autograder/source/template.proof --format gradescope "$file" \\
  > /autograder/results/results.json
"""
_README = """Put the wheel of prover (`make wheel`) beside setup.sh in this zip; then upload it as the autograder.
"""
_TIME = (1980, 1, 1, 0, 0, 0)


def bundle(template: Source) -> bytes:
    """The zip, the same for the same template."""
    files = {"setup.sh": _SETUP, "run_autograder": _RUN, "template.proof": template.text, "README.txt": _README}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            entry = zipfile.ZipInfo(name, _TIME)
            entry.external_attr = (0o755 if name in ("setup.sh", "run_autograder") else 0o644) << 16
            archive.writestr(entry, text.encode("utf-8"))
    return out.getvalue()
