"""Dashboards say in a sentence what their table shows, in both languages, and hide the same in both."""

from datetime import UTC, date, datetime
from uuid import UUID

from domain.access.facts import Direction
from domain.access.reasons import REASONS, Outcome, Reason
from domain.figures import adoption, passages, quality, spending
from domain.figures.bands import ALL, BANDS, born_by
from domain.figures.counts import Adopted, DayTally, HourTally, PointTally, Silence, Tally, TenthsUsed
from domain.figures.entered import Cost, Heading
from domain.figures.figure import Blank, Figure
from domain.figures.passages import Gates
from domain.figures.periods import Against, earlier, read
from domain.people import age_on
from domain.text import Text

TODAY = date(2026, 11, 22)
MONTH = read("2026-10", TODAY)
BEFORE = earlier(MONTH, Against.YEAR)


def tally(site: str, count: int, *, reason: Reason = Reason.WELCOME, service: str = "pool", **more: object) -> Tally:
    opened = {Reason.WELCOME, Reason.OVERRIDDEN, Reason.SAME_TRIP, Reason.CANCELLED}
    outcome = Outcome.GRANTED if reason in opened else Outcome.DENIED
    said = {"direction": Direction.ENTRY, "motive": "", "offline": False, **more}
    name = Text(fr=f"Le {site}", en=f"The {site}")
    return Tally(site=site, site_name=name, service=service, outcome=outcome, reason=reason, passages=count, **said)  # type: ignore[arg-type] # words with their names


def gates(*now: Tally, before: tuple[Tally, ...] | None = None) -> Gates:
    return Gates(MONTH, now, BEFORE if before is not None else None, before or (), 5)


def cells(figure: Figure) -> dict[str, tuple[object, ...]]:
    return {line.code: line.cells for line in figure.lines}


def test_passages_are_compared_with_the_year_before() -> None:
    figure = passages.by_service(
        gates(tally("a", 90), tally("l", 18, service="library"), before=(tally("a", 80), tally("l", 20)))
    )
    assert figure.headline.fr == "108 passages en octobre 2026, 8\u00a0% de plus qu’en octobre 2025."
    assert figure.headline.en == "108 passages in October 2026, 8% more than in October 2025."
    assert cells(figure)["pool"] == (90.0, 100.0, -10.0)
    assert cells(figure)["library"] == (18.0, 0.0, Blank.UNKNOWN)


def test_exits_second_readings_changes_of_bus_and_cancellations_are_no_passages() -> None:
    others = [tally("a", 9, reason=reason) for reason in (Reason.SAME_TRIP, Reason.CANCELLED)]
    figure = passages.by_service(gates(tally("a", 50), *others, tally("a", 7, direction=Direction.EXIT)))
    assert cells(figure)["pool"] == (50.0,)
    assert figure.headline.fr == "50 passages en octobre 2026."


def test_a_small_site_is_hidden_with_another_of_its_service() -> None:
    figure = passages.by_site(gates(tally("a", 60), tally("b", 3), tally("c", 30), tally("l", 70, service="library")))
    assert {code: line[0] for code, line in cells(figure).items()} == {
        "l": 70.0,
        "a": 60.0,
        "c": Blank.HIDDEN,
        "b": Blank.HIDDEN,
    }


def test_sites_of_a_service_that_is_hidden_are_hidden_too() -> None:
    small = tally("s", 2, service="sports-hall")
    figure = passages.by_site(gates(tally("a", 60), tally("l", 20, service="library"), small))
    assert cells(figure)["l"][0] is Blank.HIDDEN
    assert cells(figure)["s"][0] is Blank.HIDDEN
    assert cells(figure)["a"][0] == 60.0
    assert cells(passages.by_service(gates(tally("a", 60), tally("l", 20, service="library"), small)))["library"] == (
        Blank.HIDDEN,
    )


def test_the_busiest_hour_and_week_are_said() -> None:
    hours = [HourTally("pool", 2, 15, 40, 1), HourTally("pool", 5, 10, 30, 0)]
    figure = passages.by_hour("pool", hours, 5)
    assert figure.headline.fr == "Piscine\u00a0: le mercredi à 15\u00a0h est l’heure la plus fréquentée."
    assert [column.code for column in figure.columns] == ["10", "11", "12", "13", "14", "15"]
    days = [DayTally("pool", date(2026, 10, 7), 12), DayTally("pool", date(2026, 10, 21), 30)]
    assert passages.over_time(MONTH, days, 5).headline.en == "The week of 19 October was the busiest: 30 passages."
    year = read("2026", TODAY)
    assert passages.over_time(year, days, 5).headline.fr == "Le mois le plus fréquenté est octobre\u00a0: 42 passages."


def test_refusals_are_told_by_reason_with_their_share() -> None:
    figure = quality.refusals(
        gates(
            *(tally("a", 90), tally("a", 8, reason=Reason.NO_RIGHT), tally("a", 12, reason=Reason.SITE_CLOSED)),
            before=(tally("a", 95), tally("a", 5, reason=Reason.NO_RIGHT)),
        )
    )
    assert figure.headline.fr == (
        "18,2\u00a0% des passages sont refusés, 13,2 points de plus qu’en octobre 2025\u00a0;"
        " première raison\u00a0: site fermé."
    )
    assert cells(figure)["site_closed"] == (12.0, 60.0, 0.0)
    assert cells(figure)["no_right"] == (8.0, 40.0, 5.0)


def test_reasons_that_a_gate_says_in_the_same_words_are_told_apart_and_never_by_a_code() -> None:
    """An official reads "Support perdu ou volé", not "Support bloqué (medium_lost)"."""
    opens = {Outcome.GRANTED, Outcome.GRANTED_WITH_WARNING}
    refused = [reason for reason in Reason if REASONS[reason].outcome not in opens]
    figure = quality.refusals(gates(*(tally("a", 9, reason=reason) for reason in refused)))
    names = [line.name for line in figure.lines]
    assert quality.TOLD_APART.keys() <= {Reason(line.code) for line in figure.lines}
    for said in ([name.fr for name in names], [name.en for name in names]):
        assert sorted(set(said)) == sorted(said)
        assert not [one for one in said if "_" in one]


def test_few_refusals_are_not_told_by_the_headline_either() -> None:
    figure = quality.refusals(gates(tally("a", 90), tally("a", 3, reason=Reason.NO_RIGHT)))
    assert cells(figure)["no_right"] == (Blank.HIDDEN, Blank.HIDDEN)
    assert figure.headline.en == "Very few passages were refused."


def test_of_two_periods_side_by_side_each_hides_what_it_hides_alone() -> None:
    """Were another reason of as many hidden here than there, the two pages together would tell the small one."""
    before = (
        *(tally("a", 3, reason=Reason.NO_RIGHT), tally("a", 7, reason=Reason.SITE_CLOSED)),
        *(tally("a", 7, reason=Reason.RIGHT_EXPIRED), tally("a", 9, reason=Reason.MEDIUM_LOST)),
    )
    now = (tally("a", 8, reason=Reason.SITE_CLOSED), tally("a", 6, reason=Reason.RIGHT_EXPIRED))
    alone, beside = quality.refusals(gates(*before)), quality.refusals(gates(*now, before=before))
    hidden = {line.code for line in alone.lines if line.cells[0] is Blank.HIDDEN}
    assert "no_right" in hidden
    assert len(hidden) == 2
    assert {line.code for line in beside.lines if line.cells[2] is Blank.HIDDEN} == hidden


def test_offline_answers_and_silent_terminals_are_shares_of_all() -> None:
    figure = quality.offline(gates(tally("a", 90), tally("a", 10, offline=True)))
    assert figure.headline.en == "10.0% of the answers were given without network."
    silent = quality.terminals([Silence("Entrée", 200, 30), Silence("Sortie", 200, 0)])
    assert silent.headline.fr == "Les terminaux ont répondu 92,5\u00a0% du temps d’ouverture."
    assert [line.cells for line in silent.lines] == [(15.0,)]
    assert silent.note is not None, "15 % below a headline of 92.5 % would be read as time with answers"
    assert "did not answer" in silent.note.en


def test_adoption_is_a_share_of_the_people_entered() -> None:
    month, year_before = date(2026, 10, 1), date(2025, 10, 1)
    adopted = [
        *(
            Adopted(month, "00101", "15-29", 40),
            Adopted(month, "00102", "15-29", 20),
            Adopted(month, "99999", "75+", 6),
        ),
        Adopted(year_before, "00101", "15-29", 30),
    ]
    people = {("00101", ALL): 100, ("00102", ALL): 80, ("00101", "15-29"): 50, ("00102", "15-29"): 50}
    shown = adoption.Adoption(month, year_before, adopted, {"00101": "Clairourle", "00102": "Orsevaux"}, people, 5)
    figure = adoption.by_commune(shown)
    assert cells(figure)["00101"] == (40.0, 40.0, 100.0, 30.0)
    assert cells(figure)["elsewhere"] == (Blank.UNKNOWN, 6.0, Blank.UNKNOWN, Blank.UNKNOWN)
    assert figure.headline.fr == ("36,7\u00a0% des habitants ont un pass, 20 points de plus que fin octobre 2025.")
    assert cells(adoption.by_band(shown))["15-29"][:3] == (60.0, 60.0, 100.0)


def test_a_small_commune_is_hidden_wherever_it_is_told() -> None:
    month = date(2026, 10, 1)
    adopted = [Adopted(month, "1", "15-29", 2), Adopted(month, "2", "15-29", 50), Adopted(month, "2", "75+", 9)]
    shown = adoption.Adoption(month, None, adopted, {"1": "Petit", "2": "Grand"}, {}, 5)
    by_both = cells(adoption.by_commune_and_band(shown))
    assert by_both["1"][1] is Blank.HIDDEN
    assert cells(adoption.by_commune(shown))["1"][1] is Blank.HIDDEN


def test_the_age_bands_are_those_of_birthdays() -> None:
    for band in BANDS[1:]:
        for day in (date(2026, 11, 22), date(2024, 2, 29), date(2023, 2, 28)):
            born = born_by(band, day)
            assert age_on(born, day) == band.from_age
            assert age_on(date.fromordinal(born.toordinal() + 1), day) == band.from_age - 1


def test_each_pass_has_its_cost() -> None:
    entered = datetime(2026, 11, 1, tzinfo=UTC)
    spent = [
        Cost(UUID(int=1), UUID(int=2), heading, date(2026, 10, 5), cents, UUID(int=3), entered)
        for heading, cents in ((Heading.CARDS, 1_000_00), (Heading.STAFF, 500_00), (Heading.CARDS, -100_00))
    ]
    figure = spending.costs(spent, MONTH, 200.0)
    assert figure.headline.fr == "Chaque pass actif a coûté 7,00\u00a0€ en octobre 2026."
    assert cells(figure)["cards"] == (900.0, 4.5)
    assert spending.costs(spent, MONTH, Blank.HIDDEN).headline.en == "€1,400 were spent in October 2026."


def test_costs_stand_beside_those_of_the_earlier_period() -> None:
    entered = datetime(2026, 11, 1, tzinfo=UTC)

    def cost(heading: Heading, day: date, cents: int) -> Cost:
        return Cost(UUID(int=1), UUID(int=2), heading, day, cents, UUID(int=3), entered)

    now, then = cost(Heading.CARDS, date(2026, 10, 5), 1_200_00), cost(Heading.STAFF, date(2025, 10, 5), 800_00)
    figure = spending.costs([now], MONTH, 100.0, before=[then], earlier=BEFORE)
    assert [column.code for column in figure.columns] == ["euros", "per-pass", "before", "change"]
    assert cells(figure)["cards"] == (1200.0, 12.0, 0.0, Blank.UNKNOWN)
    assert figure.total is not None
    assert figure.total.cells == (1200.0, 12.0, 800.0, 50.0)


def test_use_of_rights_stands_beside_that_of_the_earlier_period() -> None:
    name = Text(fr="Carnet", en="Carnet")
    now, then = (
        [TenthsUsed("c", name, "pool", 0, 0, 20), TenthsUsed("c", name, "pool", 0, 10, of_ten)] for of_ten in (60, 30)
    )
    (figure,) = spending.quotas(now, 5, before=then, earlier=BEFORE)
    assert (cells(figure)["0"], cells(figure)["10"]) == ((20.0, 20.0), (60.0, 30.0))
    few = [TenthsUsed("c", name, "pool", 0, 0, 4)]
    (figure,) = spending.quotas(now, 5, before=few, earlier=BEFORE)
    assert len(figure.columns) == 1, "of an earlier period in which few had it, nothing is told"


def test_products_that_few_have_are_left_out_of_the_use_of_rights() -> None:
    name = Text(fr="Carnet", en="Carnet")
    used = [TenthsUsed("c", name, "pool", 0, 0, 20), TenthsUsed("c", name, "pool", 0, 10, 60)]
    rare = [TenthsUsed("r", name, "pool", 0, 3, 4)]
    (figure,) = spending.quotas([*used, *rare], 5)
    assert figure.headline.fr == "Carnet\u00a0: 25\u00a0% des droits n’ont encore rien compté."


def test_reactions_of_the_tour_are_told_from_five_on_whatever_the_setting() -> None:
    title = Text(fr="L’eau", en="The water")
    figure = spending.tour([PointTally("eau", title, 40, {"useful": 4, "worried": 9})], 20, MONTH, 1)
    assert figure.headline.en == "40 pages of the tour shown, 100% more than in October 2026."
    assert cells(figure)["eau"] == (40.0, Blank.HIDDEN, 0.0, 9.0, 0.0)
