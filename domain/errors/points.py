"""What can be wrong with the points of the tour: their sheets, who may publish them, and the walks between them."""

from domain.errors.family import Conflict, Forbidden, Invalid, NotFound


class PointNotFound(NotFound):
    """No point has this number or this address, or it is not for the public."""

    code = "point-not-found"


class ItineraryNotFound(NotFound):
    """No itinerary has this address, or it is not for the public."""

    code = "itinerary-not-found"


class MediaNotFound(NotFound):
    """No photo and no recording of a sheet has this name."""

    code = "media-not-found"


class OwnReview(Forbidden):
    """Who wrote a sheet does not publish it: two people read what residents will read."""

    code = "own-review"


class PointMoved(Conflict):
    """What the point is now does not lead there: a draft is submitted, reviewed, published, and in this order."""

    code = "point-moved"


class SheetIncomplete(Conflict):
    """The sheet lacks what it needs to be published; `detail` names every field."""

    code = "sheet-incomplete"


class VersionMissing(Invalid):
    """A change does not say which version it changes: send the `ETag` that was read as `If-Match` (HTTP 428)."""

    code = "version-missing"


class BadSheet(Invalid):
    """A sheet contradicts itself, or something in it cannot be; `detail` says what."""

    code = "bad-sheet"


class UnknownElement(Invalid):
    """No element of the data chain (DTPR and our own) has this id, or it stands in the wrong category."""

    code = "unknown-element"


class BadItinerary(Invalid):
    """An itinerary has too few stops, one twice, or numbers that no walk has."""

    code = "bad-itinerary"


class BadPointFile(Invalid):
    """The file is no list of points: another form, an unknown field, or a line that is not understood."""

    code = "bad-point-file"


class BadMedia(Invalid):
    """The file is no photo or recording that can be shown, or it is too large."""

    code = "bad-media"
