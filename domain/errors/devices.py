"""What can be wrong with the devices of the connected city, their streams and what they send."""

from domain.errors.family import Conflict, Forbidden, Invalid, NotFound


class DeviceNotFound(NotFound):
    """No device of this authority has this code."""

    code = "device-not-found"


class StreamNotFound(NotFound):
    """No stream of this authority has this id."""

    code = "stream-not-found"


class DeadLetterNotFound(NotFound):
    """No message that was set aside has this id, or its seven days are over."""

    code = "dead-letter-not-found"


class SourceNotAgreed(Conflict):
    """The message came from a source that the file of sources does not name any more: nothing says how to read it."""

    code = "source-not-agreed"


class FaceRecognitionRefused(Forbidden):
    """The device recognises faces. No such device is registered here, whoever asks."""

    code = "face-recognition-refused"


class SourceTaken(Conflict):
    """Another device of this authority has this key at this source: whose readings they are could not be known."""

    code = "source-taken"


class CameraUndeclared(Invalid):
    """A device is a camera and does not say what it does with what it sees, or says it and is none."""

    code = "camera-undeclared"


class HomeShown(Invalid):
    """A device that measures one home or one person is to be shown to the public."""

    code = "home-shown"


class PositionOutside(Invalid):
    """A device stands nowhere on earth, or far from all others of its authority: often two numbers are swapped."""

    code = "position-outside"


class ImpossibleDevice(Invalid):
    """A device has a code, a key or dates that no device can have."""

    code = "impossible-device"


class ImpossibleStream(Invalid):
    """A stream never reports, has a range without room, an unknown time zone, or stands twice on its device."""

    code = "impossible-stream"


class UnknownQuantity(Invalid):
    """No quantity of the program has this code, or it has another unit."""

    code = "unknown-quantity"


class UnknownModel(Invalid):
    """No model of device of the program has this code."""

    code = "unknown-model"


class BadDeviceFile(Invalid):
    """The file is no table of devices: another encoding, no header, an unknown column or one that is missing."""

    code = "bad-device-file"


class HistoryTooLong(Invalid):
    """More points were asked for than one answer holds (500), or a period that ends before it begins."""

    code = "history-too-long"


class BadCell(Invalid):
    """A cell of the file holds what its column cannot: no number, no day, a word that is not of the list."""

    code = "bad-cell"
