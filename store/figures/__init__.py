"""The roll-ups behind the dashboards: how they are filled, and how they are read."""
