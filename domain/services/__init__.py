"""The services of the city. One small file each, and one line in `SERVICES`."""

from domain.errors import UnknownService
from domain.services import library, pool, sports_hall, transport, waste_centre
from domain.services.service import Service

SERVICES: tuple[Service, ...] = (
    pool.SERVICE,
    library.SERVICE,
    waste_centre.SERVICE,
    transport.SERVICE,
    sports_hall.SERVICE,
)
BY_CODE = {service.code: service for service in SERVICES}

__all__ = ["BY_CODE", "SERVICES", "Service", "check_service"]


def check_service(code: str, *, of: str) -> None:
    """Refuse the code of a service that the program does not have: its doors would have no rules."""
    if code not in BY_CODE:
        raise UnknownService(f"{of} names the service {code!r}; there are {', '.join(sorted(BY_CODE))}.")
