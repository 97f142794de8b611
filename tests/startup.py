"""What pytest loads before anything of ours: Python as it starts.

What it has compiled is kept, for this run and the next. Images for containers like to ask for the opposite
(PYTHONDONTWRITEBYTECODE); each worker, and each server or command that a test starts, would then compile the whole
program again. It lies in `__pycache__` beside the source, which git ignores and `make clean` removes.

Nobody looks for garbage before all tests are known (`conftest.pytest_collection`): there is none.
"""

import gc
import os
import sys

sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
gc.disable()
