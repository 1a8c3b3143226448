"""Make data/sample again, or write the same files elsewhere: ``python -m tools.sample [FOLDER]``."""

import sys
from pathlib import Path

from tools.sample.write import SAMPLE, write_sample

for path in write_sample(Path(sys.argv[1]) if len(sys.argv) > 1 else SAMPLE):
    print(path)
