"""What can be wrong with flood levels, and with those who want to be told of them."""

from domain.errors.family import Conflict, Forbidden, Invalid, NotFound


class FloodStationNotFound(NotFound):
    """No gauge of this authority has this code, or two people have not set its thresholds yet."""

    code = "flood-station-not-found"


class ThresholdsNotFound(NotFound):
    """No thresholds of this authority have this id."""

    code = "thresholds-not-found"


class FloodChangeNotFound(NotFound):
    """No change of a flood level of this authority has this id."""

    code = "flood-change-not-found"


class WebhookNotFound(NotFound):
    """No webhook of this authority has this id."""

    code = "webhook-not-found"


class SecondPersonNeeded(Forbidden):
    """Thresholds and bands are set by two people: who proposed them cannot confirm them."""

    code = "second-person-needed"


class AlreadyDecided(Conflict):
    """Somebody has decided this before, or something newer has taken its place."""

    code = "already-decided"


class TooManyWebhooks(Conflict):
    """The authority has as many webhooks as one may have."""

    code = "too-many-webhooks"


class ImpossibleThresholds(Invalid):
    """Thresholds do not rise, leave no room for their hysteresis, or belong to a stream that is no water level."""

    code = "impossible-thresholds"


class BadWebhook(Invalid):
    """The address of a webhook is no https address, nor one of this network."""

    code = "bad-webhook"
