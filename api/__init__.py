"""The HTTP floor and the JSON APIs, one module per audience."""
