"""What Python has compiled is kept, for this run and the next: pytest loads this before anything of ours.

Images for containers like to ask for the opposite (PYTHONDONTWRITEBYTECODE). Here each worker, and each server or
command that a test starts, would then compile the whole program again: two seconds of computing, sixty times. It lies
in `__pycache__` beside the source, which git ignores and `make clean` removes.
"""

import os
import sys

sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
