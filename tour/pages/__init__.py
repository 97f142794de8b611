"""The pages of the tour: drawn by the server, complete without JavaScript and without a map."""
