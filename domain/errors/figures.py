"""What can be wrong with what is asked of the dashboards, and with what is entered beside them."""

from domain.errors.family import Invalid, NotFound


class UnknownPeriod(Invalid):
    """A period is a month, a quarter, a school year or a year of which a day is over."""

    code = "unknown-period"


class ImpossiblePopulation(Invalid):
    """More people of one age than people, fewer than none, or a commune that is not the authority's."""

    code = "impossible-population"


class ImpossibleCost(Invalid):
    """A cost of nothing, or one beyond all measure."""

    code = "impossible-cost"


class CostNotFound(NotFound):
    """No cost of this authority has this id."""

    code = "cost-not-found"
