"""Makes docs/recognition.md again from docs/recognition.json, measuring nothing:

    python docs/render_recognition.py

`affetto evaluate recognition CORPORA --study FILE --out docs` makes both anew.
"""

import sys
from pathlib import Path

DOCS = Path(__file__).resolve().parent
sys.path.insert(0, str(DOCS.parent))

from retrieval.evaluation.recognition.report import RECORD, Report

if __name__ == "__main__":
    Report.from_json((DOCS / RECORD).read_text(encoding="utf-8")).save(DOCS)
