"""What the public pages share: tokens, layout, vendored assets; and the front page itself."""
