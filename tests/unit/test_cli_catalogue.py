"""The catalogue as a file, on a real installation: the example of the documentation, and everything that is refused."""

import asyncio
import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from adapters.catalogue_file import BadCatalogueFile, parse
from cli.main import front
from domain.access.catalogue import Catalogue
from domain.calendars import BankHolidays
from domain.conditions import VehicleClass
from domain.limits import Window
from domain.offline_policy import Fail, OfflinePolicy
from domain.rates import Rate, rate_for
from store.database import Database
from tests.migrated import lay

EXAMPLE = Path(__file__).parents[2] / "docs/examples/catalogue.toml"

ONE_PRODUCT = """
[[products]]
code = "waste-24"
service = "waste-centre"
subject = "household"
name = { fr = "Déchèterie", en = "Waste centre" }
limits = [{ unit = "visit", amount = 24, window = "year" }]
"""


def invoke(folder: Path, *words: str) -> Result:
    settings = {
        "MULTIPASS_DATABASE_URL": f"sqlite:///{folder}/multipass.sqlite3",
        "MULTIPASS_KEYS_FOLDER": str(folder / "keys"),
    }
    return CliRunner().invoke(front, list(words), prog_name="multipass", env=settings)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("built")
    lay(folder / "multipass.sqlite3")
    for words in (("authority", "add", "cornelia", "--name-fr", "Cornélia", "--name-en", "Cornelia"),):
        assert invoke(folder, *words).exit_code == 0
    return folder


@pytest.fixture
def folder(built: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(built, tmp_path / "installation"))


def offered(folder: Path) -> Catalogue:
    async def read() -> Catalogue:
        database = Database(f"sqlite:///{folder}/multipass.sqlite3")
        try:
            return await database.catalogue()
        finally:
            await database.close()

    return asyncio.run(read())


def load(folder: Path, text: str, *words: str) -> Result:
    file = folder / "catalogue.toml"
    file.write_text(text, encoding="utf-8")
    return invoke(folder, "catalogue", "load", str(file), *words)


def test_the_real_rules_of_the_example_are_all_data(folder: Path) -> None:
    """Every rule of the study's tables about rights, each with the place where it was found, in one file."""
    result = invoke(folder, "catalogue", "load", str(EXAMPLE))
    assert result.exit_code == 0, result.output
    written = EXAMPLE.read_text(encoding="utf-8")
    assert result.output.count("new") == written.count("[[products]]") + written.count("[[sites]]") + 1

    catalogue = offered(folder)
    products = {product.code: product for product in catalogue.products.values()}
    (pau,) = products["waste-pau"].limits
    assert (pau.amount, pau.free, pau.price_cents) == (34_000, 24_000, 2_000)
    assert products["waste-lombric"].terms.points[VehicleClass.CAR] == 500
    assert [limit.window for limit in products["waste-est-ensemble"].limits[:3]] == [
        Window.DAY,
        Window.MONTH,
        Window.YEAR,
    ]
    assert products["pool-carnet"].prices[1].amount_cents == 2_430
    (beyond,) = products["waste-lombric-beyond"].limits
    assert rate_for(beyond.rates, VehicleClass.CAR, {"rubble"}) == (Rate(1_000, (VehicleClass.CAR,), ("rubble",)), True)
    doors = {doorway.zone.code: doorway for doorway in catalogue.doorways.values()}
    basins, sauna = doors["pool-east-basins"].zone, doors["pool-east-sauna"].zone
    assert (basins.capacity, basins.capacity_others, basins.daily_capacity) == (420, 60, 1_500)
    assert (sauna.daily_capacity, sauna.supplement_cents) == (120, 500)
    door = doors["waste-centre-north-platform"]
    assert door.site.vehicles is not None
    assert door.site.vehicles.max_height_cm == 190
    assert door.site.calendar.bank_holidays is BankHolidays.CLOSED
    assert door.site.offline == OfflinePolicy(Fail.CLOSED, entries=0)

    shown = invoke(folder, "catalogue", "show")
    assert "34 visit a year (24 free, then 20.00 €)" in shown.output
    assert "20 visit a year (0 free, then 4.00 to 30.00 €)" in shown.output
    assert re.search(r"card\s+loss\s+15\.00 €", shown.output)


def test_loading_a_file_again_changes_nothing(folder: Path) -> None:
    assert invoke(folder, "catalogue", "load", str(EXAMPLE)).exit_code == 0
    before = offered(folder)
    again = invoke(folder, "catalogue", "load", str(EXAMPLE))
    assert again.exit_code == 0, again.output
    assert "there already" in again.output
    assert "new" not in again.output
    assert offered(folder) == before


def test_a_dry_run_writes_nothing(folder: Path) -> None:
    tried = load(folder, ONE_PRODUCT, "--dry-run")
    assert tried.exit_code == 0, tried.output
    assert not offered(folder).products


def test_a_product_that_changes_needs_a_code_of_its_own(folder: Path) -> None:
    assert load(folder, ONE_PRODUCT).exit_code == 0
    changed = load(folder, ONE_PRODUCT.replace("24, window", "12, window"))
    assert changed.exit_code == 2
    assert "product-changed" in changed.output
    (product,) = offered(folder).products.values()
    assert product.limits[0].amount == 24_000


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("fresh_minutes = 90, stale_minutes = 60", "ages-not-ascending"),
        ("entries = -1", "allowance-below-nothing"),
        ('fails = "ajar"', "$.sites[0].offline.fails"),
        ("hours = 2", "$.sites[0].offline"),
    ],
)
def test_what_a_gate_would_do_alone_is_checked_at_entry(folder: Path, said: str, code: str) -> None:
    text = EXAMPLE.read_text(encoding="utf-8").replace('fails = "closed", entries = 0', said)
    result = load(folder, text)
    assert result.exit_code == 2
    assert code in result.output
    assert not offered(folder).doorways


def test_a_price_list_for_replaced_cards_takes_the_place_of_the_one_before(folder: Path) -> None:
    five = "[replacement_fees.card]\nloss = 5\n"
    assert re.search(r"replacement-fees.*new", load(folder, five).output)
    assert re.search(r"replacement-fees.*there already", load(folder, five).output)
    assert re.search(r"replacement-fees.*changed", load(folder, five.replace("5", "7"), "--dry-run").output)
    assert "5.00 €" in invoke(folder, "catalogue", "show").output
    load(folder, five.replace("5", "7"))
    assert "7.00 €" in invoke(folder, "catalogue", "show").output
    load(folder, ONE_PRODUCT)
    assert "7.00 €" in invoke(folder, "catalogue", "show").output


def test_a_pool_with_more_room_than_water_is_refused(folder: Path) -> None:
    """Table 2.2: 250 m2 under a roof and 120 in the open are enough for 430 swimmers."""
    result = load(folder, EXAMPLE.read_text(encoding="utf-8").replace("capacity = 420", "capacity = 431"))
    assert result.exit_code == 2
    assert "capacity-beyond-water" in result.output
    assert not offered(folder).doorways


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ("amount = 24|amount = 0", "limit-of-nothing"),
        ('window = "year"|window = "season"', "window-never-opens"),
        ("amount = 24|amount = 24, free = 30", "price-out-of-reach"),
        ("amount = 24|amount = 24, price = 2", "price-out-of-reach"),
        ('service = "waste-centre"|service = "zoo"', "unknown-service"),
        ("amount = 24|amount = 24.0001", "bad-catalogue-file"),
        ("amount = 24|amount = -24", "bad-catalogue-file"),
        ('unit = "visit"|kind = "gold", unit = "m3"', "unknown-kind"),
    ],
)
def test_one_wrong_entry_is_named_and_nothing_of_the_file_is_written(folder: Path, wrong: str, code: str) -> None:
    good = ONE_PRODUCT.replace("waste-24", "another")
    right, _, mistake = wrong.partition("|")
    result = load(folder, good + ONE_PRODUCT.replace(right, mistake))
    assert result.exit_code == 2
    assert code in result.output
    assert "1 of 2 entries are refused" in result.output
    assert not offered(folder).products


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("[[products]", "line 1"),
        (ONE_PRODUCT + "colour = 'red'", "$.products[0]"),
        (ONE_PRODUCT.replace('"visit"', '"camel"'), "$.products[0].limits[0].unit"),
        (ONE_PRODUCT.replace("24, window", "'many', window"), "$.products[0].limits[0].amount"),
        (ONE_PRODUCT.replace('code = "waste-24"', 'code = "Déchets !"'), "$.products[0].code"),
    ],
)
def test_a_mistake_is_told_with_its_place(text: str, place: str) -> None:
    with pytest.raises(BadCatalogueFile) as told:
        parse(text)
    assert place in str(told.value)


def test_a_file_that_nobody_wrote_by_hand_is_refused() -> None:
    with pytest.raises(BadCatalogueFile, match="longer"):
        parse("#" * 1_000_001)


def test_a_file_is_compared_and_applied_at_a_time(folder: Path) -> None:
    """What a product says may change; a code of its own is only needed where rights would become others."""
    assert load(folder, ONE_PRODUCT).exit_code == 0
    take_on = ("agent", "add", "marie", "--name", "Marie", "--role", "manager", "--generate")
    assert invoke(folder, *take_on).exit_code == 0
    file = folder / "catalogue.toml"
    file.write_text(ONE_PRODUCT.replace("amount = 24", "amount = 26"), encoding="utf-8")
    seen = invoke(folder, "catalogue", "diff", str(file), "--agent", "marie")
    assert seen.exit_code == 0, seen.output
    assert "26 visits" in seen.output
    assert [limit.amount for one in offered(folder).products.values() for limit in one.limits] == [24_000]
    apply = ("catalogue", "apply", str(file), "--agent", "marie", "--reason", "Conseil")
    later = invoke(folder, *apply, "--at", "2999-01-01 06:00")
    assert (later.exit_code, "invalid" in later.output) == (2, True)
    done = invoke(folder, *apply)
    assert "Modification 1 is in force" in done.output, done.output
    assert [limit.amount for one in offered(folder).products.values() for limit in one.limits] == [26_000]
    again = invoke(folder, *apply)
    assert (again.exit_code, "modification-empty" in again.output) == (2, True)


def test_a_file_opens_sites_and_offers_products_and_a_withdrawn_one_stays_listed(folder: Path) -> None:
    assert load(folder, ONE_PRODUCT).exit_code == 0
    take_on = ("agent", "add", "marie", "--name", "Marie", "--role", "manager", "--generate")
    assert invoke(folder, *take_on).exit_code == 0
    file = folder / "catalogue.toml"
    text = EXAMPLE.read_text(encoding="utf-8").partition("[replacement_fees.card]")
    sites = text[2][text[2].index("[[sites]]") :]
    more = ONE_PRODUCT.replace("waste-24", "waste-12").replace("amount = 24", "amount = 12")
    file.write_text(f"{more}{ONE_PRODUCT}offered_until = 2027-01-01\n{sites}", encoding="utf-8")
    seen = invoke(folder, "catalogue", "diff", str(file), "--agent", "marie")
    assert "waste-12: 0 could have it" in seen.output, seen.output
    assert not offered(folder).doorways
    done = invoke(folder, "catalogue", "apply", str(file), "--agent", "marie", "--reason", "Ouverture")
    assert "Modification 1 is in force" in done.output, done.output
    assert {door.gate.code for door in offered(folder).doorways.values()} >= {"pool-east-in", "pool-east-sauna-in"}
    assert {one.code for one in offered(folder).products.values()} == {"waste-12", "waste-24"}
