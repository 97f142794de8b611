"""What every device of the city measures: one module for each kind of system, put together here."""

from cli.demo.tour.curves import Curve
from cli.demo.tour.systems import air, buildings, gardens, school, streets, water, weather

CURVES: dict[tuple[str, str], Curve] = {
    **school.CURVES,
    **air.CURVES,
    **streets.CURVES,
    **water.CURVES,
    **gardens.CURVES,
    **weather.CURVES,
    **buildings.CURVES,
}
"""By the code of the device and the quantity of the stream; what the city's own gates count is not here."""
