"""Points in files: what is read of TOML and of tables, and what each entry is told is wrong with it."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors.points import BadPointFile
from domain.languages import Words
from domain.sheets import Recording, StreamName, Voices
from tour.point_file import LONGEST, PointLine, read_csv, read_toml


def keep(name: str) -> str:
    return name.removesuffix(".jpg") * 64


def only(lines: tuple[PointLine, ...]) -> PointLine:
    (line,) = lines
    return line


def test_a_photo_is_named_by_its_file_and_known_by_its_digest() -> None:
    line = only(
        read_toml(
            '[[points]]\nslug = "a"\nendsOn = 2029-08-31\nphoto = {file = "f.jpg", alt = {fr = "x"}}', keep
        ).points
    )
    assert (line.slug, line.fault, line.sheet.ends_on) == ("a", None, date(2029, 8, 31))
    assert line.sheet.photo is not None
    assert (line.sheet.photo.digest, line.sheet.photo.alt) == ("f" * 64, Words(fr="x"))


def test_a_recording_has_a_file_in_each_language() -> None:
    line = only(
        read_toml(
            '[[points]]\nslug = "a"\n[points.recording]\nfile = "f.jpg"\n'
            'files = {es = "e.jpg"}\ntranscript = {fr = "x"}',
            keep,
        ).points
    )
    assert line.fault is None
    assert line.sheet.recording == Recording("f" * 64, Words(fr="x"), Voices(es="e" * 64))
    for wrong in ('files = {de = "d.jpg"}', 'files = "d.jpg"', 'files = {es = "e.jpg"}\nalso = [1]'):
        written = f'[[points]]\nslug = "a"\n[points.recording]\nfile = "f.jpg"\n{wrong}\ntranscript = {{fr = "x"}}'
        assert only(read_toml(written, keep).points).fault is not None, wrong


def test_a_cell_holds_several_entries_and_a_column_names_its_place() -> None:
    line = only(
        read_csv(
            "slug,title.fr,streams,doesNot.fr,doesNot.en,chain.tech,photo.file,photo.alt.fr,latitude,longitude\n"
            'a,Titre,air co2 | air co2 north,"Un | Deux",One,air_quality|radar,e.jpg,Alt,"43,5",3.8\n',
            keep,
        ).points
    )
    assert line.fault is None
    assert line.sheet.streams == (StreamName("air", "co2"), StreamName("air", "co2", "north"))
    assert line.sheet.does_not == (Words(fr="Un", en="One"), Words(fr="Deux"))
    assert (line.sheet.chain.tech, line.sheet.latitude) == (("air_quality", "radar"), 43.5)


@pytest.mark.parametrize(
    "table",
    [
        "slug,titel.fr\na,x\n",
        "slug,latitude\na,north\n",
        "slug,endsOn\na,tomorrow\n",
        "slug,title,title.fr\na,x,y\n",
        "slug,title.fr\na,x,y,z\n",
        "slug,streams\na,air\n",
        "slug,doesNot\na,x\n",
    ],
)
def test_a_line_is_told_what_is_wrong_with_it(table: str) -> None:
    assert only(read_csv(table, keep).points).fault is not None


@pytest.mark.parametrize("entry", ['titel = "x"', 'title = "x"', "slug = 3", 'photo = "x.jpg"', "devices = [3]"])
def test_an_entry_is_told_what_is_wrong_with_it(entry: str) -> None:
    assert only(read_toml(f"[[points]]\n{entry}\n", keep).points).fault is not None


def test_an_itinerary_names_its_stops_by_their_points() -> None:
    (walk,) = read_toml(
        '[[itineraries]]\nslug = "w"\ntitle = {fr = "x"}\ndistanceM = 1\nminutes = 1\nstops = [{point = "a"}]\n', keep
    ).walks
    assert (walk.fault, [stop.point for stop in walk.stops]) == (None, ["a"])
    (wrong,) = read_toml('[[itineraries]]\nslug = "w"\nstops = [{plate = "1"}]\n', keep).walks
    assert wrong.fault is not None


@pytest.mark.parametrize(
    "written", ["", "slug\n", "title.fr\nx\n", "slug,slug\na,b\n", 'slug\n"a', "slug\n" + "x" * LONGEST]
)
def test_what_is_no_table_of_points_is_refused_whole(written: str) -> None:
    with pytest.raises(BadPointFile):
        read_csv(written, keep)


@pytest.mark.parametrize("written", ["", "points = 3", "points = {}", "x = 1", "[[points", "points = [1]"])
def test_what_is_no_toml_of_points_is_refused_whole(written: str) -> None:
    with pytest.raises(BadPointFile):
        read_toml(written, keep)


@settings(max_examples=150)
@given(st.text(max_size=300) | st.text(max_size=100).map(lambda tail: f"slug,title.fr,doesNot.en\na,{tail}\n"))
def test_any_text_is_read_or_refused(written: str) -> None:
    for read in (read_csv, read_toml):
        try:
            read(written, keep)
        except BadPointFile:
            continue
