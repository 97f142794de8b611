"""The command line: what an installation is run with, one module for each family of commands."""
