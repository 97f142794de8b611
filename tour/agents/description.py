"""What the description of the API says of `/v1/sensors` and `/v1/bands`."""

import msgspec

from api.chapters import Chapter
from tour.agents import bands, devices, letters, troubles, views
from tour.catalogue import scale
from tour.scales import bands_of

_FILE = (
    "device,name_fr,name_en,kind,model,latitude,longitude,commune,installed_on,source,source_key,public,quantity,"
    "period_minutes\n"
    "salle-12,Salle 12,Room 12,room-air,milesight-am307,46.6076,2.3921,00101,2026-09-01,lorawan,24e124707c010099,yes,"
    "co2,15\n"
)

SENSORS = Chapter(
    prefix="/v1/sensors",
    tags={"Sensors": "Devices of the connected city: how they are, what is wrong, and what nobody could read."},
    bodies=(
        devices.ReportView,
        views.DevicesView,
        views.DeviceView,
        letters.LetterView,
        letters.WholeLetterView,
        letters.SentView,
        letters.AllSentView,
        troubles.TroublesView,
        troubles.SourceView,
    ),
    parameters={
        "after": ("The `next` of the page before.", "ecole-12"),
        "/v1/sensors/letters/replay after": ("The `next` of the call before.", "2026-11-21T14:05:00Z"),
        "limit": ("At most so many.", 100),
        "code": ("The code of a device.", "ecole-12"),
        "trial": ("Whether to tell what would become of each line, and write nothing.", True),
        "source": ("The code of a source.", "lorawan"),
        "letter_id": ("The id of a message, as the list gives it.", "01a20100-0a23-7e01-8c1b-3a5f5f3c2d17"),
    },
    problems={
        ("/v1/sensors/devices/import", "post"): {"400": "The file is not UTF-8, or no table of devices."},
        ("/v1/sensors/letters/{letter_id}/replay", "post"): {"503": "The message was not stored: send it again."},
        ("/v1/sensors/letters/replay", "post"): {"503": "A message was not stored: send them again."},
    },
    files={"/v1/sensors/devices/import": ("text/csv", _FILE)},
)

_NOISE = bands_of(scale("noise-street-day"))
_PROPOSAL = msgspec.to_builtins(
    bands.EditionRequest(
        bands=bands.BandsBody(_NOISE.edges, _NOISE.texts, _NOISE.source, _NOISE.source_date, _NOISE.checked),
        reason="Décision du service santé",
        after=0,
    )
)

BANDS = Chapter(
    prefix="/v1/bands",
    tags={},
    bodies=(bands.ScaleLine, bands.ScaleView, bands.EditionRequest),
    parameters={
        "code": ("The code of a scale.", "noise-street-day"),
        "version": ("The number of a version, as the scale lists them.", 1),
    },
    problems={
        ("/v1/bands/{code}/editions", "post"): {"409": "A colleague has proposed something since: read it first."},
        ("/v1/bands/{code}/editions/{version}/publication", "post"): {
            "403": "Who proposed these bands cannot put them in force.",
            "409": "These bands do not wait any more.",
        },
        ("/v1/bands/{code}/editions/{version}/refusal", "post"): {"409": "These bands do not wait any more."},
    },
    files={},
    examples={"/v1/bands/{code}/editions": _PROPOSAL},
)
