"""Money, quotas and the tour: what a pass costs, how much of their rights people use, what visitors look at."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from domain.expression import SHOWN_FROM, Feeling
from domain.figures.counts import PointTally, TenthsUsed
from domain.figures.entered import HEADINGS, Cost, Heading
from domain.figures.figure import (
    EMPTY,
    Blank,
    Cell,
    Column,
    Figure,
    Plot,
    Unit,
    change,
    lines_of,
    share,
    shown,
    told_line,
)
from domain.figures.hiding import hide_line
from domain.figures.periods import Period
from domain.figures.sentences import both, counted, euros, growth, percent
from domain.text import Text

_EUROS = Column("euros", Text(fr="Montant", en="Amount"), Unit.EUROS)

FEELINGS: dict[Feeling, Text] = {
    Feeling.USEFUL: Text(fr="Utile", en="Useful"),
    Feeling.SURPRISED: Text(fr="Surpris", en="Surprised"),
    Feeling.WORRIED: Text(fr="Inquiet", en="Worried"),
    Feeling.CURIOUS: Text(fr="Curieux", en="Curious"),
}


def costs(
    spent: Iterable[Cost], period: Period, passes: Cell, *, before: Iterable[Cost] = (), earlier: Period | None = None
) -> Figure:
    """Tell what was spent by heading, and what that is for each active pass, beside the earlier period."""
    cents, old = _by_heading(spent), _by_heading(before)
    used = [(str(heading), name) for heading, name in HEADINGS.items() if cents[heading] or old[heading]]
    amounts, amounts_before = ([counts[Heading(code)] / 100 for code, _ in used] for counts in (cents, old))
    whole, whole_before = sum(amounts), sum(amounts_before)
    now: list[Cell] = [*amounts, whole]
    columns: list[Sequence[Cell]] = [now, [_per_pass(amount, passes) for amount in now]]
    heads = [_EUROS, Column("per-pass", Text(fr="Par pass actif", en="For each active pass"), Unit.EUROS)]
    if earlier is not None and old:
        then: list[Cell] = [*amounts_before, whole_before]
        columns += [then, [change(one, other) for one, other in zip(now, then, strict=True)]]
        heads += [
            Column("before", earlier.name, Unit.EUROS),
            Column("change", Text(fr="Évolution", en="Change"), Unit.PERCENT),
        ]
    lines = lines_of(used, columns)
    total = lines.pop()
    each = columns[1][-1]
    headline = Text(fr="Aucune dépense n’a été saisie pour cette période.", en="No cost was entered for this period.")
    if cents and not isinstance(each, Blank):
        said = euros(each)
        headline = Text(
            fr=f"Chaque pass actif a coûté {said.fr} {period.within.fr}.",
            en=f"Each active pass cost {said.en} {period.within.en}.",
        )
    elif cents:
        headline = both(euros(whole), Text(fr=" dépensés ", en=" were spent "), period.within, ".")
    of = Text(fr="Poste", en="Heading")
    return Figure("costs-by-heading", headline, of, tuple(heads), tuple(lines), Plot.BARS, total)


def _by_heading(spent: Iterable[Cost]) -> Counter[Heading]:
    cents: Counter[Heading] = Counter()
    for one in spent:
        cents[one.heading] += one.amount_cents
    return cents


def quotas(
    used: Iterable[TenthsUsed], threshold: int, *, before: Iterable[TenthsUsed] = (), earlier: Period | None = None
) -> list[Figure]:
    """Show for each product with a limit how much of it people have used, beside the earlier period.

    Products that few have are left out, and of an earlier period those that few had then.
    """
    groups, old = _by_limit(used), _by_limit(before)
    several = Counter(product for product, _ in groups)
    return [
        _quota(
            parts,
            threshold,
            old[key] if _rights(old[key]) >= threshold else (),
            earlier,
            numbered=several[key[0]] > 1,
        )
        for key, parts in sorted(groups.items())
        if _rights(parts) >= threshold
    ]


def _by_limit(used: Iterable[TenthsUsed]) -> defaultdict[tuple[str, int], list[TenthsUsed]]:
    groups: defaultdict[tuple[str, int], list[TenthsUsed]] = defaultdict(list)
    for one in used:
        groups[one.product, one.position].append(one)
    return groups


def _rights(parts: Iterable[TenthsUsed]) -> int:
    return sum(one.rights for one in parts)


def _tenths(parts: Iterable[TenthsUsed], threshold: int) -> list[Cell]:
    rights = Counter[int]()
    for one in parts:
        rights[one.tenth] += one.rights
    return told_line([rights[tenth] for tenth in range(11)], threshold)


def _quota(
    parts: Sequence[TenthsUsed],
    threshold: int,
    before: Sequence[TenthsUsed],
    earlier: Period | None,
    *,
    numbered: bool,
) -> Figure:
    first = parts[0]
    cells = _tenths(parts, threshold)
    columns, heads = [cells], [Column("rights", Text(fr="Droits", en="Rights"))]
    if before and earlier is not None:
        columns.append(_tenths(before, threshold))
        heads.append(Column("before", earlier.name))
    lines = lines_of([(str(tenth), _tenth_name(tenth)) for tenth in range(11)], columns)
    total = lines.pop()
    name = first.product_name
    if numbered:
        name = both(name, f" ({first.position + 1})")
    unused = share(cells[0], cells[-1])
    if isinstance(unused, Blank):
        headline = both(name, Text(fr="\u00a0: usage des droits.", en=": use of the rights."))
    else:
        said = percent(unused)
        headline = Text(
            fr=f"{name.fr}\u00a0: {said.fr} des droits n’ont encore rien compté.",
            en=f"{name.en}: {said.en} of the rights have counted nothing yet.",
        )
    code = f"quota-{first.product}-{first.position}"
    return Figure(
        code, headline, Text(fr="Part utilisée", en="Share used"), tuple(heads), tuple(lines), Plot.COLUMNS, total
    )


def tour(points: Sequence[PointTally], before: int | None, earlier: Period | None, threshold: int) -> Figure:
    """Tell which points of the tour are looked at, and what people feel about them."""
    order = sorted((one for one in points if one.visits or one.feelings), key=lambda one: (-one.visits, one.slug))
    visits = told_line([one.visits for one in order], threshold)
    columns: list[Sequence[Cell]] = [visits]
    for feeling in Feeling:
        counts = [one.feelings.get(feeling, 0) for one in order]
        # The tour itself says these numbers from five on: never fewer here, whatever the setting.
        cells = shown(counts, hide_line(counts, max(threshold, SHOWN_FROM)))
        columns.append([*cells, Blank.HIDDEN if Blank.HIDDEN in cells else float(sum(counts))])
    lines = lines_of([(one.slug, one.title) for one in order], columns)
    total = lines.pop()
    headline = Text(fr="Personne n’a regardé le parcours.", en="Nobody has looked at the tour.") if not order else EMPTY
    if order and not isinstance(visits[-1], Blank):
        now = counted(
            visits[-1],
            Text(fr="page du parcours vue", en="page of the tour shown"),
            Text(fr="pages du parcours vues", en="pages of the tour shown"),
        )
        headline = both(now, growth(visits[-1], Blank.UNKNOWN if before is None else float(before), earlier), ".")
    heads = (
        Column("visits", Text(fr="Pages vues", en="Pages shown")),
        *(Column(feeling, name) for feeling, name in FEELINGS.items()),
    )
    return Figure("tour-by-point", headline, Text(fr="Point", en="Point"), heads, tuple(lines), Plot.BARS, total)


def _per_pass(amount: Cell, passes: Cell) -> Cell:
    if isinstance(amount, Blank) or isinstance(passes, Blank) or not passes:
        return Blank.UNKNOWN
    return amount / passes


def _tenth_name(tenth: int) -> Text:
    if tenth == 0:
        return Text(fr="rien", en="none")
    if tenth == 10:
        return Text(fr="plus de 90\u00a0%", en="over 90%")
    return Text(fr=f"jusqu’à {10 * tenth}\u00a0%", en=f"up to {10 * tenth}%")
