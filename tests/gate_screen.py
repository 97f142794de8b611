"""What a gate's page needs to be looked at on a machine that is busy with other things."""

STILL = """
const later = window.setTimeout;
window.setTimeout = (act, ms, ...more) => later(act, ms === 2000 ? 3600000 : ms, ...more);
Object.defineProperty(Event.prototype, "timeStamp", {get: () => 0});
"""
"""An answer stays on the screen until it is cleared, not for two seconds; keys that a scanner types follow each other
at once, however long each was on its way here."""
