"""Every table travels, or says why not; what docs/reversibility.md says of each is what an archive holds."""

from pathlib import Path

from store.archive.inward import _place_of_own
from store.archive.package import columns_of, key_of
from store.archive.tables import ABOUT, FILLED_BY_MIGRATIONS, LEFT_BEHIND, carried
from store.archive.values import FORMS
from store.tables import metadata

PAGE = Path(__file__).parents[2] / "docs" / "reversibility.md"
MARK = "## Values, tables, columns\n"

HEAD = """
This part is written by `python tests/house/test_reversibility.py`; a test fails when it is not the program's.

### Values

| kind | how it is written |
|---|---|
"""


def generated() -> str:
    """The part of the page that the program knows better than anybody."""
    forms = "".join(f"| {kind} | {form} |\n" for kind, form in FORMS.items())
    tables = "".join(
        f"\n**`{table.name}`** {ABOUT[table.name]} Key: {', '.join(key_of(table))}.\n"
        f"{', '.join(f'`{name}` {kind}' for name, kind in columns_of(table).items())}\n"
        for table in carried()
    )
    behind = "".join(f"| `{name}` | {why} |\n" for name, why in LEFT_BEHIND.items())
    return (
        f"{MARK}{HEAD}{forms}\nWhat is not known is `null`, whatever the kind.\n\n### Tables\n{tables}\n"
        f"### What stays behind\n\n| table | why |\n|---|---|\n{behind}"
    )


def test_the_page_says_what_an_archive_holds() -> None:
    _, mark, rest = PAGE.read_text(encoding="utf-8").partition(MARK)
    assert mark + rest == generated()


def test_every_table_travels_or_says_why_not() -> None:
    assert ABOUT.keys() | LEFT_BEHIND.keys() == metadata.tables.keys()
    assert ABOUT.keys() & LEFT_BEHIND.keys() == set()


def test_what_travels_refers_to_nothing_that_stays_behind_or_comes_later() -> None:
    there: set[str] = set()
    for table in carried():
        there.add(table.name)
        assert {key.column.table.name for key in table.foreign_keys} <= there


def test_a_row_refers_to_its_own_table_by_one_column_and_is_known_by_its_first() -> None:
    """What `inward` counts on where it says such references last."""
    own = {table.name: _place_of_own(table) for table in carried() if _place_of_own(table) is not None}
    assert set(own) == {"notice"}
    for name in own:
        table = metadata.tables[name]
        assert list(table.primary_key.columns) == [next(iter(table.columns))]
        assert sum(key.column.table is table for key in table.foreign_keys) == 1


def test_what_migrations_fill_travels() -> None:
    assert set(FILLED_BY_MIGRATIONS) <= ABOUT.keys()


if __name__ == "__main__":
    before, _, _ = PAGE.read_text(encoding="utf-8").partition(MARK)
    PAGE.write_text(before + generated(), encoding="utf-8")
