"""What goes wrong at gates: refusals by reason, overrides by motive, decisions without network, silent terminals."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from domain.access.reasons import REASONS, Reason
from domain.figures.counts import Fate, Silence, Tally
from domain.figures.figure import (
    EMPTY,
    Blank,
    Cell,
    Column,
    Figure,
    Line,
    Plot,
    Unit,
    lines_of,
    share,
    told_line,
)
from domain.figures.passages import Gates
from domain.figures.sentences import percent, points
from domain.motives import MOTIVES, Motive
from domain.text import Text

_COUNT = Column("count", Text(fr="Nombre", en="Count"))
_SHARE = Column("share", Text(fr="Part", en="Share"), Unit.PERCENT)

TOLD_APART: dict[Reason, Text] = {
    Reason.UNKNOWN_KEY: Text(fr="Pass émis ailleurs", en="Pass issued elsewhere"),
    Reason.BAD_SIGNATURE: Text(fr="Code qui ne se vérifie pas", en="Code that cannot be verified"),
    Reason.NETWORK_NEEDED: Text(fr="Réseau coupé, support à vérifier en ligne", en="No network, to be checked online"),
    Reason.BUNDLE_TOO_OLD: Text(fr="Réseau coupé depuis longtemps", en="No network for too long"),
    Reason.OFFLINE_CLOSED: Text(fr="Réseau coupé, lieu fermé sans lui", en="No network, site shut without it"),
    Reason.MEDIUM_LOST: Text(fr="Support perdu ou volé", en="Medium lost or stolen"),
    Reason.MEDIUM_BLOCKED: Text(fr="Support arrêté", en="Medium stopped"),
}
"""What a gate says in the same words of several reasons, whoever reads figures must tell apart."""

_MOST_TERMINALS = 20
"""The table names those that were silent most: the others speak."""


def refusals(gates: Gates) -> Figure:
    """Count who was not let in, by reason."""
    heads, lines, total = _compared(gates, lambda one: one.fate is Fate.REFUSED, lambda one: one.reason, _reason_name)
    now, before = (_refused_share(tallies) for tallies in (gates.now, gates.before))
    if isinstance(total.cells[0], Blank):
        headline = Text(fr="Très peu de passages ont été refusés.", en="Very few passages were refused.")
    elif not lines or isinstance(now, Blank):
        headline = Text(fr="Personne n’a été refusé.", en="Nobody was refused.") if gates.now else EMPTY
    else:
        said, first = percent(now, 1), lines[0].name
        compared = points(now, before, gates.earlier.than if gates.earlier is not None else None)
        headline = Text(
            fr=f"{said.fr} des passages sont refusés{compared.fr}\u00a0; première raison\u00a0: {_small(first.fr)}.",
            en=f"{said.en} of the passages are refused{compared.en}; first reason: {_small(first.en)}.",
        )
    of = Text(fr="Raison", en="Reason")
    return Figure("refusals-by-reason", headline, of, heads, tuple(lines), Plot.BARS, total)


def overrides(gates: Gates) -> Figure:
    """Count whom agents let in against the rules, by motive."""
    heads, lines, total = _compared(
        gates, lambda one: one.reason is Reason.OVERRIDDEN, lambda one: one.motive, lambda code: MOTIVES[Motive(code)]
    )
    headline = Text(fr="Aucune dérogation n’a été accordée sur place.", en="No agent let anybody in against the rules.")
    if lines and total.cells[0]:
        first = lines[0].name
        headline = Text(
            fr=f"Premier motif des dérogations accordées sur place\u00a0: {_small(first.fr)}.",
            en=f"First motive of agents who let people in: {_small(first.en)}.",
        )
    of = Text(fr="Motif", en="Motive")
    return Figure("overrides-by-motive", headline, of, heads, tuple(lines), Plot.BARS, total)


def offline(gates: Gates) -> Figure:
    """Say at which sites terminals decided alone, without network."""
    names = {one.site: one.site_name for one in gates.now}
    whole, alone = Counter[str](), Counter[str]()
    for one in gates.now:
        whole[one.site] += one.passages
        alone[one.site] += one.passages if one.offline else 0
    codes = sorted((code for code in names if alone[code]), key=lambda code: (-alone[code] / whole[code], code))
    counts = told_line([alone[code] for code in codes], gates.threshold)
    totals: list[Cell] = [*(float(whole[code]) for code in codes), float(sum(whole.values()))]
    parts = [share(part, all_) for part, all_ in zip(counts, totals, strict=True)]
    lines = lines_of([(code, names[code]) for code in codes], [parts, counts])
    total = lines.pop()
    headline = Text(fr="Aucun terminal n’a décidé seul, sans réseau.", en="No terminal decided alone, without network.")
    if not gates.now:
        headline = EMPTY
    elif codes and not isinstance(total.cells[0], Blank):
        said = percent(total.cells[0], 1)
        headline = Text(
            fr=f"{said.fr} des réponses ont été données sans réseau.",
            en=f"{said.en} of the answers were given without network.",
        )
    elif codes:
        headline = Text(fr="Quelques réponses ont été données sans réseau.", en="A few answers came without network.")
    of, columns = Text(fr="Site", en="Site"), (_SHARE, _COUNT)
    return Figure("offline-by-site", headline, of, columns, tuple(lines), Plot.BARS, total)


def terminals(silences: Sequence[Silence]) -> Figure:
    """Say which terminals were silent while their site was open. Of devices nothing is hidden."""
    looks, silent = sum(one.looks for one in silences), sum(one.silent for one in silences)
    worst = sorted((one for one in silences if one.silent), key=lambda one: (-one.silent / one.looks, one.terminal))
    lines = [
        Line(str(place), Text(fr=one.terminal, en=one.terminal), (100 * one.silent / one.looks,))
        for place, one in enumerate(worst[:_MOST_TERMINALS], 1)
    ]
    headline = Text(
        fr="Personne n’a encore regardé si les terminaux répondent.", en="Nobody has looked at the terminals yet."
    )
    if looks:
        said = percent(100 * (looks - silent) / looks, 1)
        headline = Text(
            fr=f"Les terminaux ont répondu {said.fr} du temps d’ouverture.",
            en=f"Terminals answered for {said.en} of opening time.",
        )
    column = Column("silent", Text(fr="Temps sans réponse", en="Time without an answer"), Unit.PERCENT)
    note = Text(
        fr="Une barre dit pendant quelle part du temps d’ouverture un terminal n’a pas répondu.",
        en="A bar says for which share of opening time a terminal did not answer.",
    )
    of = Text(fr="Terminal", en="Terminal")
    return Figure("terminals-silent", headline, of, (column,), tuple(lines), Plot.BARS, note=note if lines else None)


def _compared(
    gates: Gates, counts: Callable[[Tally], bool], key: Callable[[Tally], str], name: Callable[[str], Text]
) -> tuple[tuple[Column, ...], list[Line], Line]:
    """Count by a key, the most first, each with its share of them all, beside the earlier period."""
    now, whole = _told(gates.now, counts, key, gates.threshold)
    before, whole_before = _told(gates.before, counts, key, gates.threshold)
    names = [(code, name(code)) for code in dict.fromkeys([*now, *before])]
    cells: list[Cell] = [*(now.get(code, 0.0) for code, _ in names), whole]
    columns, heads = [cells, [share(cell, whole) for cell in cells]], (_COUNT, _SHARE)
    if gates.earlier is None:
        *lines, total = lines_of(names, columns)
        return heads, lines, total
    earlier: list[Cell] = [*(before.get(code, 0.0) for code, _ in names), whole_before]
    *lines, total = lines_of(names, [*columns, earlier])
    return (*heads, Column("before", gates.earlier.name)), lines, total


def _told(
    tallies: Iterable[Tally], counts: Callable[[Tally], bool], key: Callable[[Tally], str], threshold: int
) -> tuple[dict[str, Cell], Cell]:
    """Count by a key, the most first, and in all.

    In the order of the very period, whichever it stands beside: what is hidden of it is the same everywhere.
    """
    found: Counter[str] = Counter()
    for one in tallies:
        if counts(one):
            found[key(one)] += one.passages
    codes = sorted(found, key=lambda code: (-found[code], code))
    *cells, whole = told_line([found[code] for code in codes], threshold)
    return dict(zip(codes, cells, strict=True)), whole


def _refused_share(tallies: Iterable[Tally]) -> Cell:
    fates = Counter[Fate]()
    for one in tallies:
        fates[one.fate] += one.passages
    refused, came = fates[Fate.REFUSED], fates[Fate.ADMITTED] + fates[Fate.REFUSED]
    return 100 * refused / came if came and refused else Blank.UNKNOWN


def _reason_name(code: str) -> Text:
    """The words that the person has read, or others where they have read the same for two reasons."""
    reason = Reason(code)
    return TOLD_APART.get(reason, REASONS[reason].short)


def _small(name: str) -> str:
    return name[0].lower() + name[1:]
