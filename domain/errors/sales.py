"""What can be wrong with what is sold on a pass."""

from domain.errors.family import Conflict, NotFound


class SaleNotFound(NotFound):
    """This till, or this authority, has no sale of that id."""

    code = "sale-not-found"


class PassRefused(Conflict):
    """The pass itself is not valid at this gate, so nothing is sold on it; the offers say why, in words."""

    code = "pass-refused"


class ProductNotOffered(Conflict):
    """The product is not on sale at this gate, or not to this buyer today."""

    code = "product-not-offered"


class PriceChanged(Conflict):
    """The price is no longer the one that was offered."""

    code = "price-changed"


class BuyerMissing(Conflict):
    """The right belongs to a household or an organisation, and the holder of the pass has none."""

    code = "buyer-missing"


class BuyerAmbiguous(Conflict):
    """The holder of the pass has several households or organisations: the till must say for which one."""

    code = "buyer-ambiguous"


class SaleAlreadyUsed(Conflict):
    """Something of the sale was used, so that none of it can be cancelled any more."""

    code = "sale-already-used"


class SaleAlreadyPaid(Conflict):
    """The sale was paid before, by another payment."""

    code = "sale-already-paid"


class SaleCancelled(Conflict):
    """The sale was cancelled: there is nothing left to pay."""

    code = "sale-cancelled"


class SaleAnonymous(Conflict):
    """Whose rights were sold was erased since, and the rights with them: nobody can tell whether they were used."""

    code = "sale-anonymous"
