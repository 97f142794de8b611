"""The files of the catalogue: complete, in all languages, plain; and a file that is not stops the program."""

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import tour.catalogue
from tour.catalogue import CATALOGUE, NotInCatalogue, model, quantity, scale
from tour.catalogue.loading import IncompleteCatalogue, read
from tour.terms import Words

FILES = Path(tour.catalogue.__file__).parent

ASKED = {
    *("co2", "pm25", "pm10", "no2", "o3", "so2", "air_temperature", "felt_temperature", "cool_gain"),
    *("relative_humidity", "air_pressure", "sound_level", "water_level", "fill_level", "soil_tension"),
    *("soil_moisture_vwc", "bicycle_flow", "person_flow", "occupancy", "water_use", "water_use_per_person"),
    *("pollen", "uv_index", "rain"),
}
"""The quantities that the tour was promised with."""

JARGON = re.compile(
    r"indice ATMO|ATMO index|percentile|quartile|m[ée]diane|LAeq|UTCI|Lden|LoRa|UCUM|volum[ée]tri|pond[ée]r|agr[ée]g"
    r"|\bseuil|threshold|étalonn|calibrat|baseline|\bdata\b|donnée brute|concentration"
    r"|anthropi|particulate|hydrom[ée]tr",
    re.IGNORECASE,
)

LONGEST = {"label": 30, "state": 75, "action": 110, "elsewhere": 60, "name": 30, "meaning": 125, "advice": 80}
"""Letters of one text in French or English."""

EASY_WORDS = 12
"""Words of one easy sentence: the European rules for easy-to-read say short sentences, one idea each."""


def texts() -> Iterator[tuple[str, str, Words]]:
    """All texts that residents read: where, which part, the words."""
    for code, each in CATALOGUE.quantities.items():
        for part in ("name", "meaning", "advice"):
            if each.meaning is not None and getattr(each, part) is not None:
                yield code, part, getattr(each, part)
    for code, bands in CATALOGUE.scales.items():
        for band in bands.bands:
            for part in ("label", "state", "action", "elsewhere"):
                if getattr(band, part) is not None:
                    yield f"{code}/{band.code}", part, getattr(band, part)


TEXTS = list(texts())


def test_every_quantity_that_was_promised_is_there_with_its_words() -> None:
    assert [code for code in ASKED if quantity(code).meaning is None] == []


@pytest.mark.parametrize("look_up", [quantity, model, scale])
def test_what_is_not_in_the_catalogue_is_not_found(look_up: Callable[[str], object]) -> None:
    with pytest.raises(NotInCatalogue, match="phlogiston"):
        look_up("phlogiston")


def test_texts_keep_their_length() -> None:
    long = [
        (where, part, text)
        for where, part, words in TEXTS
        for text in (words.fr, words.en)
        if len(text) > LONGEST[part]
    ]
    assert long == []


def test_no_text_uses_jargon() -> None:
    found = [
        (where, text)
        for where, _, words in [*TEXTS, *(("phrase", code, words) for code, words in CATALOGUE.phrases.items())]
        for text in (words.fr, words.en, words.easy)
        if JARGON.search(text)
    ]
    assert found == []


def test_easy_sentences_are_short() -> None:
    spoken = [*TEXTS, *(("phrase", code, words) for code, words in CATALOGUE.phrases.items())]
    long = [
        sentence
        for _, _, words in spoken
        for sentence in re.split(r"[.?!] ", words.easy)
        if len(sentence.split()) > EASY_WORDS
    ]
    assert long == []


def test_easy_texts_say_neither_semicolons_nor_brackets() -> None:
    """Names of gases keep their formula, which stands on other signs too."""
    assert [words.easy for _, part, words in TEXTS if part != "name" and re.search(r"[;()]", words.easy)] == []


def test_french_and_english_are_two_languages() -> None:
    same = {words.fr for _, part, words in TEXTS if part != "name" and words.fr == words.en}
    assert same <= {"normal", "orange"}


def test_french_and_english_keep_their_typography() -> None:
    """French sets an unbreakable space before : ; ! ? %, English none; both have one kind of apostrophe."""
    for _, _, words in [*TEXTS, *(("phrase", code, words) for code, words in CATALOGUE.phrases.items())]:
        for french in (words.fr, words.easy):
            assert not re.search(r"[^\u00a0][:;!?%»]", french), french
            assert not re.search(r"«[^\u00a0]", french), french
        assert not re.search(r"\s[:;!?%.,]", words.en), words.en
        for text in (words.fr, words.en, words.easy):
            assert not re.search(r"['\"]|\s[.,]|\s{2}", text), text
            assert text == text.strip()


def test_sentences_end_and_parts_of_sentences_do_not() -> None:
    ends = {"meaning": True, "advice": True, "action": True, "elsewhere": True}
    wrong = [
        (where, text)
        for where, part, words in TEXTS
        for text in (words.fr, words.en, words.easy)
        if text.endswith((".", "?")) != ends.get(part, False)
    ]
    assert wrong == []


def test_every_scale_names_its_source_and_the_day_of_it() -> None:
    assert [code for code, each in CATALOGUE.scales.items() if len(each.source) < 30] == []
    assert [code for code, each in CATALOGUE.scales.items() if each.source_date > each.version] == []
    assert [code for code, each in CATALOGUE.scales.items() if each.checked and each.checked > each.version] == []


def test_every_scale_was_compared_with_its_source() -> None:
    """One that was not says nothing to the public (`test_explain.py`)."""
    assert [code for code, each in CATALOGUE.scales.items() if each.checked is None] == []


def test_the_sentinels_of_devices_are_known() -> None:
    assert model("browan-sound").fields["decibel"].is_sentinel(255)
    assert not model("browan-sound").fields["decibel"].is_sentinel(60)
    assert model("dragino-ldds75").fields["distance"].is_sentinel("No Sensor")
    assert model("browan-tbhh").fields["temperature"].is_sentinel(-32)


def test_a_mast_that_leans_measures_no_rain() -> None:
    (across, along) = model("decentlab-atm41").fields["cumulative_precipitation"].requires
    assert not across.low <= 45.7 <= across.high
    assert along.low <= 0.3 <= along.high


# --- what the files must not be ------------------------------------------------------------------------


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """The catalogue's files, to be spoiled."""
    return Path(shutil.copytree(FILES, tmp_path / "catalogue", ignore=shutil.ignore_patterns("*.py", "__pycache__")))


def spoil(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_the_files_themselves_are_complete(files: Path) -> None:
    assert read(files) == CATALOGUE


@pytest.mark.parametrize(
    ("file", "old", "new", "fault"),
    [
        ("quantities.toml", 'unit = "[ppm]"\n', "", r"\[co2\].*unit"),
        ("quantities.toml", 'unit = "[ppm]"', 'unit = "furlong"', r"\[co2\].*furlong"),
        ("quantities.toml", 'en = "CO2", ', "", r"\[co2\].*en"),
        ("quantities.toml", 'easy = "Le CO2"', 'easy = " "', r"\[co2\] says nothing in easy"),
        ("quantities.toml", 'scale = "co2-room"', 'scale = "co2-roam"', r"\[co2\] has the scale co2-roam"),
        ("quantities.toml", 'scale = "co2-room"', 'scale = "glass"', r"\[co2\] has the scale glass, which is for fill"),
        ("quantities.toml", "physical = [0, 40000]", "physical = [9, 9]", r"\[co2\] has a range without room"),
        ("quantities.toml", "likely = [380, 10000]", "likely = [-1, 10000]", r"\[co2\] thinks likely what is impos"),
        ("quantities.toml", "decimals = 0", 'decimals = 0\ncolour = "red"', r"\[co2\].*colour"),
        ("quantities.toml", 'summary = "mean"', 'summary = "average"', r"\[co2\].*average"),
        ("scales/room.toml", "version = 2026-11-22", "", r"room.toml: no version"),
        ("scales/room.toml", '"below 400", ', "", r"co2-room has 4 bands and 2 edges"),
        ("scales/room.toml", "below 400", "under 400", r"\[co2-room\] an edge reads"),
        ("scales/room.toml", "below 400", "below 900", r"co2-room has edges that do not rise"),
        ("scales/room.toml", "source_date = 2022-12-27\n", "", r"\[co2-room\].*source_date"),
        ("scales/room.toml", 'words = "co2-room"', 'words = "co2"', r"\[co2-room\] no words called co2"),
        ("scales/room.toml", 'en = "well renewed"', 'en = ""', r"co2-room: well-renewed: label says nothing in en"),
        (
            "scales/room.toml",
            "L’air se renouvelle bien",
            "L’air de {room}",
            r"well-renewed: state leaves room open in fr",
        ),
        ("scales/places.toml", "pour {when}", "", r"flow: very-quiet: state leaves other things open in French"),
        ("scales/places.toml", 'code = "quiet"', 'code = "very-quiet"', r"flow has one band twice"),
        (
            "scales/water.toml",
            'words = "river"\n',
            'words = "river"\nedges = ["up to 1"]\n',
            r"river has edges, and takes",
        ),
        ("scales/water.toml", 'quantity = "water_level"', 'quantity = "wine"', r"river is for wine"),
        ("models.toml", 'quantity = "co2"', 'quantity = "co3"', r"milesight-am307\] co2 is co3, which is no quantity"),
        ("models.toml", 'unit = "[ppm]"', 'unit = "%"', r"milesight-am307\] co2 comes in %"),
        ("phrases.toml", "[direct]", "[live]", r"\[direct\] is missing"),
        ("phrases.toml", "[direct]", "[live]", r"\[live\] is used by nothing"),
        ("phrases.toml", "En direct, {ago}.", "En direct, {when}.", r"\[direct\] leaves when open in fr"),
        ("phrases.toml", "[direct]", "[direct", r"phrases.toml: "),
    ],
)
def test_a_file_that_is_incomplete_stops_the_start(files: Path, file: str, old: str, new: str, fault: str) -> None:
    spoil(files / file, old, new)
    with pytest.raises(IncompleteCatalogue) as refused:
        read(files)
    assert re.search(fault, str(refused.value)), refused.value.faults


def test_all_faults_are_told_at_once(files: Path) -> None:
    spoil(files / "scales/room.toml", "below 400", "under 400")
    spoil(files / "models.toml", 'quantity = "co2"', 'quantity = "co3"')
    with pytest.raises(IncompleteCatalogue) as refused:
        read(files)
    assert len(refused.value.faults) >= 2


def test_a_file_that_is_missing_stops_the_start(files: Path) -> None:
    (files / "phrases.toml").unlink()
    with pytest.raises(IncompleteCatalogue, match=r"phrases\.toml"):
        read(files)
