"""What can be wrong with what people say at a point, and with what becomes of it."""

from domain.errors.family import Conflict, Invalid, NotFound


class RemarkNotFound(NotFound):
    """No remark of this authority has this id, or its days are over."""

    code = "remark-not-found"


class TaskNotFound(NotFound):
    """No task of this authority has this id."""

    code = "task-not-found"


class SaidToday(Conflict):
    """This device, or one that looks like it, has said this of the point today."""

    code = "said-today"


class TooMuchWaits(Conflict):
    """As many words wait at this point as agents can be expected to read; a reaction without words is still taken."""

    code = "too-much-waits"


class NothingSaid(Invalid):
    """A reaction has no feeling, a question or a fault no words; or the words are too long or no text."""

    code = "nothing-said"
