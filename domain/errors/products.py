"""What can be wrong with products, their limits and prices, and the rights they become."""

from domain.errors.family import Conflict, Invalid, NotFound


class ProductNotFound(NotFound):
    """No product has this code at this authority."""

    code = "product-not-found"


class RightNotFound(NotFound):
    """No right of this authority has this id."""

    code = "right-not-found"


class RightUsed(Conflict):
    """A right that begins today was used already, so it cannot be taken back as if it had never been given."""

    code = "right-used"


class GrantedMeanwhile(Conflict):
    """Rights to this product were granted to the same subject, or taken back, since whoever asks looked."""

    code = "granted-meanwhile"


class EndMissing(Invalid):
    """A product does not say how long it lasts, and nobody did."""

    code = "end-missing"


class ProductChanged(Conflict):
    """A product of this code exists and says something else: rights were granted on what it said."""

    code = "product-changed"


class UnknownService(Invalid):
    """No service of the program has this code."""

    code = "unknown-service"


class UnknownSector(Invalid):
    """No service belongs to a sector of this name."""

    code = "unknown-sector"


class LimitOfNothing(Invalid):
    """A limit allows nothing, or less."""

    code = "limit-of-nothing"


class WindowNeverOpens(Invalid):
    """No day of any year falls in the window of a limit, or what says when it begins is missing."""

    code = "window-never-opens"


class UnusedParameter(Invalid):
    """A limit says something that its window does not ask: it was meant to be another window."""

    code = "unused-parameter"


class RepeatedLimit(Invalid):
    """Two limits of a product count the same in the same window, or stand under one position."""

    code = "repeated-limit"


class UselessLimit(Invalid):
    """A limit can never be reached, because another one is reached before."""

    code = "useless-limit"


class WarningOutOfReach(Invalid):
    """The warning of a product would come always, or never."""

    code = "warning-out-of-reach"


class PriceOutOfReach(Invalid):
    """A price is negative, or is asked beyond a free part that is no part of its limit."""

    code = "price-out-of-reach"


class OverlappingPrices(Invalid):
    """Two prices of a product hold for the same people on one day."""

    code = "overlapping-prices"


class ConditionNeverHolds(Invalid):
    """Nobody can ever meet a condition of a product."""

    code = "condition-never-holds"


class GraceOutOfReach(Invalid):
    """A grace of no day, of more days than a gate looks back, or of no entry."""

    code = "grace-out-of-reach"


class TooLateToAsk(Conflict):
    """This right must be asked for some working days before it begins."""

    code = "too-late-to-ask"


class ProductWithdrawn(Conflict):
    """A product is not offered any more: whoever holds it keeps it, nobody gets it anew."""

    code = "product-withdrawn"


class YearlyAllowanceSpent(Conflict):
    """The subject has been granted as many of these this calendar year as one may have."""

    code = "yearly-allowance-spent"


class ProductFixed(Invalid):
    """A modification would make another product or another place under the same code."""

    code = "product-fixed"


class GoneMeanwhile(Conflict):
    """What a modification is about (a price, a quota, a closure, a zone) is not there, or not any more."""

    code = "gone-meanwhile"


class ModificationNotFound(NotFound):
    """The authority has no modification of its catalogue under this number."""

    code = "modification-not-found"


class ModificationSettled(Conflict):
    """A modification is in force, withdrawn or waiting for its time: this cannot be done with it any more, or yet."""

    code = "modification-settled"


class ModificationEmpty(Conflict):
    """A modification changes nothing."""

    code = "modification-empty"


class MovedMeanwhile(Conflict):
    """What a modification was written on has changed since: somebody else's is in force."""

    code = "moved-meanwhile"
