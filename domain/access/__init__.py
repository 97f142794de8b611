"""The decision: facts in, verdict out. Pure, a few microseconds, the same on the server, at a gate and in the tests."""
