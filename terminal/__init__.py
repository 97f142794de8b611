"""The reference terminal: it is paired once, reads codes, asks the server, and shows what it hears."""
