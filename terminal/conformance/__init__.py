"""The conformance kit: a terminal that tries a server, and a server that tries a terminal, case by case."""
