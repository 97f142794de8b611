"""A city's terminals over weeks of bad network, in minutes: the real terminals against the real application.

Nothing is stood in for. Terminals are `terminal.device.Device` on their own state files, the server is the
application on its own SQLite file; only time (`agenda`), the wires (`wire`) and chance are made here. What the client
side saw is written down (`books`) and held against the export (`checks`). One seed, one run.
"""
