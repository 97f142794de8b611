"""Whatever stands in a line, its neighbours are stored and the line itself is answered (O3)."""

from datetime import timedelta

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.upload_lines import key_of
from api.uploads import Status
from tests.city import NOW, paired_terminal
from tests.house_app import House
from tests.http.uploads import line, results, upload

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
GOOD = line("MP2:GONE", "fuzz", NOW - timedelta(hours=1))
SPOILT = st.builds(
    lambda name, value, gone: {key: one for key, one in (GOOD | {name: value}).items() if key != gone},
    st.sampled_from([*GOOD, "direction", "quantities", "vehicle", "payment", "items", "extra"]),
    JSON,
    st.sampled_from([None, *GOOD]),
).map(msgspec.json.encode)
BYTES = st.binary(max_size=300).map(lambda some: some.replace(b"\n", b" "))
CUT = st.builds(lambda told, end: told[:end], SPOILT, st.integers(1, 200))
ODD = st.lists(SPOILT | BYTES | CUT | JSON.map(msgspec.json.encode), min_size=1, max_size=12)


@pytest.mark.asyncio(loop_scope="module")
async def test_no_line_breaks_its_upload(shared_house: House) -> None:
    """Every whole line that says something has a final answer, and what can be read is stored."""
    house = shared_house
    async with house.database.begin() as unit:
        mine = await paired_terminal(unit, house.city.authority.id, (house.city.gates["free"],), now=house.clock())
    token = await house.terminal_token(mine)
    batches: list[list[bytes]] = []

    @settings(max_examples=60, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(ODD)
    def collect(odd: list[bytes]) -> None:
        batches.append(odd)

    collect()
    for number, odd in enumerate(batches):
        last = line("MP2:GONE", f"last-{number}", NOW - timedelta(hours=1))
        found = results(await upload(house, *odd, last, token=token))
        said = [place for place, one in enumerate([*odd, b"{}"], 1) if one.strip(b"\r \t")]
        assert [one["line"] for one in found] == said
        assert {one["status"] for one in found} <= set(Status)
        assert (found[-1]["key"], found[-1]["status"]) == (f"last-{number}", "stored")


@given(st.binary(max_size=200) | SPOILT)
def test_a_key_is_read_from_any_bytes_or_not_at_all(text: bytes) -> None:
    key = key_of(text)
    assert key is None or key.encode() in text
