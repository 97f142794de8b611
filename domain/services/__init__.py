"""The services of the city. One small file each, and one line in `SERVICES`."""

from domain.errors.products import UnknownSector, UnknownService
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
SECTORS = frozenset(service.sector for service in SERVICES)

__all__ = ["BY_CODE", "SECTORS", "SERVICES", "Service", "check_sector", "check_service"]


def check_service(code: str, *, of: str) -> None:
    """Refuse the code of a service that the program does not have: its doors would have no rules."""
    if code not in BY_CODE:
        raise UnknownService(f"{of} names the service {code!r}; there are {', '.join(sorted(BY_CODE))}.")


def check_sector(sector: str) -> None:
    """Refuse a sector to which no service belongs: nobody there could know a person."""
    if sector not in SECTORS:
        raise UnknownSector(f"Sectors are {', '.join(sorted(SECTORS))}.")
