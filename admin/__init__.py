"""The console of those who work for an authority: pages under `/console`."""
