"""Where things are, for the tests."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "data" / "sample"
OPEN_DATA = Path(os.environ.get("CFW_OPEN_DATA", ROOT.parent / "shared" / "open-data"))
