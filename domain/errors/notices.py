"""What can be wrong with notices and with those who follow them. Imported from here: `domain.errors` is long enough."""

from domain.errors.family import Conflict, Invalid, NotFound


class NoticeNotFound(NotFound):
    """No notice of this authority has this id."""

    code = "notice-not-found"


class NoticeMoved(Conflict):
    """The notice is not what was read any more, or its state does not lead there."""

    code = "notice-moved"


class BadNotice(Invalid):
    """A notice says nothing in one of the languages, too much, or ends before it begins."""

    code = "bad-notice"


class SubscriberNotFound(NotFound):
    """The link leads to nobody: it was altered, its time is over, or all was left already."""

    code = "subscriber-not-found"


class BadSubscription(Invalid):
    """Nothing was chosen, too much, or quiet hours that are none."""

    code = "bad-subscription"
