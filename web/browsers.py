"""Which browser somebody uses, in two words that its owner recognises; what else it says of itself is not kept."""

_FAMILIES = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
"""In this order: each of them also says that it is those below."""

_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def browser_of(user_agent: str) -> str:
    """Say a user agent shortly: "Firefox, Windows"; nothing of one that is unknown."""
    named = (next((name for mark, name in marks if mark in user_agent), "") for marks in (_FAMILIES, _SYSTEMS))
    return ", ".join(name for name in named if name)
