"""The benchmarks of the gate: `python -m bench`."""
