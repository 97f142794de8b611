"""The residents' pages: their passes, their account, the installable app. `docs/portal.md` shows how one is made."""
