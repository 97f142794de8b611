"""The services of the city. One small file each, and one line in `SERVICES`."""

from domain.services import library, pool, transport, waste_centre
from domain.services.service import Service

SERVICES: tuple[Service, ...] = (pool.SERVICE, library.SERVICE, waste_centre.SERVICE, transport.SERVICE)
BY_CODE = {service.code: service for service in SERVICES}

__all__ = ["BY_CODE", "SERVICES", "Service"]
