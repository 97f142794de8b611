"""A device and its streams as cells of the register's file: what a form shows, and what a history compares."""

from domain.devices import Device, Stream


def of_device(device: Device) -> dict[str, str]:
    """Return the cells of a device, by their columns."""
    return {
        "device": device.code,
        "name_fr": device.name.fr,
        "name_en": device.name.en,
        "kind": device.kind.value,
        "model": device.model,
        "camera": device.sight.value,
        "latitude": f"{device.latitude:.10g}",
        "longitude": f"{device.longitude:.10g}",
        "commune": device.commune_code,
        "installed_on": device.installed_on.isoformat(),
        "retired_on": device.retired_on.isoformat() if device.retired_on is not None else "",
        "source": device.source,
        "source_key": device.source_key,
        "public": _yes(device.public),
    }


def of_stream(stream: Stream) -> dict[str, str]:
    """Return the cells of a stream, by their columns."""
    return {
        "quantity": stream.quantity,
        "channel": stream.channel,
        "period_minutes": f"{stream.period_seconds / 60:.10g}",
        "delay_minutes": f"{stream.delay_seconds / 60:.10g}",
        "low": _number(stream.low),
        "high": _number(stream.high),
        "max_step_per_minute": _number(stream.max_step_per_minute),
        "may_stand_still": _yes(stream.may_stand_still),
        "shown": _yes(stream.public),
        "calibrated_on": stream.calibrated_on.isoformat() if stream.calibrated_on is not None else "",
        "time_zone": stream.time_zone,
    }


def _yes(said: bool) -> str:  # noqa: FBT001 - a cell of the file
    return "yes" if said else "no"


def _number(value: float | None) -> str:
    return f"{value:.10g}" if value is not None else ""
