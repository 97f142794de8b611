"""What a sheet has in other languages, to be listened to and to be followed: written at the console alone."""

import html
import re

import httpx
import pytest
import pytest_asyncio
from msgspec.structs import replace

from domain.agents import Role
from domain.languages import Words
from domain.points import Point
from domain.sheets import Link, Sheet
from tests.console import Console, enter, said
from tests.house_app import House
from tests.http.drafts import drafted_at
from tests.http.test_console_undo import undo
from tests.point_sheets import SHEET
from tests.sounds import SLOW, SOUND, sound
from tour.pages.drawing import WORDS as TOUR_WORDS

SHARED = pytest.mark.asyncio(loop_scope="module")

LINKS = (
    Link(Words(fr="Mesurer l’air"), "https://air.example/mesurer"),
    Link(Words(fr="Aérer une classe"), "https://air.example/aerer"),
)


@pytest_asyncio.fixture(loop_scope="module")
async def path(shared_house: House) -> str:
    """A whole draft."""
    return await drafted_at(shared_house, SHEET)


async def stored(house: House, path: str) -> Point:
    async with house.database.look() as unit:
        return await unit.points.by_plate(house.city.authority.id, path.rpartition("/")[2])


async def sheet_of(house: House, path: str) -> Sheet:
    return (await stored(house, path)).sheet


def boxes(page: httpx.Response) -> dict[str, str]:
    """What the large fields of a page hold, by their names."""
    found = re.findall(r'<textarea[^>]* name="(\w+)"[^>]*>(.*?)</textarea>', page.text, re.DOTALL)
    return {name: html.unescape(text) for name, text in found}


async def send_sound(console: Console, path: str, code: str, data: bytes, **fields: str) -> httpx.Response:
    version = re.search(r'name="version"[^>]* value="(\d+)"', (await console.get(f"{path}/recordings/{code}")).text)
    assert version is not None
    file = {"recording": ("voix.mp3", data)}
    return await console.post(f"{path}/recordings/{code}", {"version": version[1], **fields}, files=file)


@SHARED
async def test_a_sheet_is_translated_beside_its_french(shared_house: House, path: str) -> None:
    editor = await enter(shared_house, Role.EDITOR)
    assert "Spanish Not translated: visitors read French." in said(await editor.get(path))
    page = await editor.get(f"{path}/languages/es")
    assert "Not translated: visitors read French." in said(page)
    assert '<p class="original" lang="fr">Il ne filme pas.</p>' in page.text
    names = list(boxes(page))
    assert {"title", "benefit", "photo"} < set(names)
    assert "decision" not in names  # nobody has written it in French
    (first, _) = [name for name in names if name.startswith("not_")]
    spanish = {"title": "El aire del aula 12", first: "No graba.", "version": "1"}
    assert (await editor.post(f"{path}/languages/es", spanish)).headers["location"] == path
    sheet = await sheet_of(shared_house, path)
    assert (sheet.title.es, sheet.does_not[0].es, sheet.title.fr) == (
        "El aire del aula 12",
        "No graba.",
        SHEET.title.fr,
    )
    assert "Spanish 2 of 9" in said(await editor.get(path))
    read = await editor.get(f"{path}/reading/es")
    assert "El aire del aula 12" in said(read)
    assert "Savoir quand aérer. (en francés)" in said(read)
    assert TOUR_WORDS["es"]["does_not"] in said(read)


@SHARED
async def test_each_language_has_its_page_and_no_other_has_one(shared_house: House, path: str) -> None:
    editor = await enter(shared_house, Role.EDITOR)
    for code in ("easy", "en", "es", "oc"):
        assert (await editor.get(f"{path}/languages/{code}")).status_code == 200, code
        assert (await editor.get(f"{path}/reading/{code}")).status_code == 200, code
    assert (await editor.get(f"{path}/reading/fr")).status_code == 200
    for code in ("fr", "de", "__class__"):
        assert (await editor.get(f"{path}/languages/{code}")).status_code == 404, code
        assert (await editor.post(f"{path}/languages/{code}", {"version": "1"})).status_code == 404, code
    for code in ("de", "ES"):
        assert (await editor.get(f"{path}/reading/{code}")).status_code == 404, code
        assert (await editor.get(f"{path}/recordings/{code}")).status_code == 404, code


@SHARED
async def test_a_text_that_is_too_long_or_hides_its_direction_is_said_at_its_field(
    shared_house: House, path: str
) -> None:
    editor = await enter(shared_house, Role.EDITOR)
    typed = {"version": "1", "title": "a" * 4_001, "benefit": "abc\u202edef", "place": "<script>alert(1)</script>"}
    page = await editor.post(f"{path}/languages/oc", typed)
    assert page.status_code == 422
    text = said(page)
    assert "Title, Occitan: too long" in text
    assert "it hides a character that nobody can read" in text
    assert "<script>alert" not in page.text
    assert boxes(page)["place"] == "<script>alert(1)</script>"
    assert (await sheet_of(shared_house, path)).place.oc == ""


@SHARED
async def test_two_who_translate_one_sheet_lose_nothing(shared_house: House, path: str) -> None:
    first, second = await enter(shared_house, Role.EDITOR), await enter(shared_house, Role.MANAGER)
    names = list(boxes(await second.get(f"{path}/languages/es")))
    gone = next(name for name in names if name.startswith("not_"))
    await first.post(f"{path}/languages/es", {"version": "1", "title": "El título de la primera"})
    # The other line keeps its name, though it has moved up.
    facts = {"version": "2", "digest": "a" * 64, "blur": "building", "not_0_fr": SHEET.does_not[1].fr}
    async with shared_house.database.begin() as unit:
        point = await unit.points.by_plate(shared_house.city.authority.id, path.rpartition("/")[2])
        await unit.points.save(
            replace(point, sheet=replace(point.sheet, does_not=SHEET.does_not[1:]), version=3), point.version
        )
    assert facts["version"] == "2"
    late = await second.post(f"{path}/languages/es", {"version": "1", "title": "El del segundo", gone: "No graba."})
    assert late.status_code == 422
    text = said(late)
    assert "somebody has changed this sheet meanwhile" in text
    assert "El título de la primera" in text
    assert "Their French sentence is gone" in text
    assert "No graba." in text
    assert boxes(late)["title"] == "El del segundo"
    again = {**boxes(late), "version": "3"}
    assert (await second.post(f"{path}/languages/es", again)).status_code == 303
    sheet = await sheet_of(shared_house, path)
    assert (sheet.title.es, sheet.does_not[0].es) == ("El del segundo", "")


@SHARED
async def test_a_translation_whose_french_has_changed_is_said_to_be_read_again(shared_house: House, path: str) -> None:
    editor, manager = await enter(shared_house, Role.EDITOR), await enter(shared_house, Role.MANAGER)
    await editor.post(f"{path}/languages/es", {"version": "1", "title": "El aire", "benefit": "Saber cuándo airear."})
    await editor.post(f"{path}/submit")
    await manager.post(f"{path}/publish")
    assert "The French has changed since" not in said(await editor.get(f"{path}/languages/es"))
    version = (await stored(shared_house, path)).version
    await editor.post(f"{path}/write", {"version": str(version), "title_fr": "L’air, autrement dit"})
    page = said(await editor.get(f"{path}/languages/es"))
    assert page.count("The French has changed since: read this translation again.") == 1


@SHARED
async def test_a_line_that_is_reworded_keeps_its_translation(shared_house: House) -> None:
    sheet = replace(SHEET, does_not=(Words(fr="Il ne filme pas.", es="No graba."), Words(fr="Il n’écoute pas.")))
    path = await drafted_at(shared_house, sheet)
    editor = await enter(shared_house, Role.EDITOR)
    lines = {"version": "1", "blur": "building", "not_0_fr": "Il ne filme personne.", "not_1_fr": "Il n’écoute pas."}
    assert (await editor.post(f"{path}/facts", lines)).status_code == 303
    found = (await sheet_of(shared_house, path)).does_not
    assert [(one.fr, one.es) for one in found] == [("Il ne filme personne.", "No graba."), ("Il n’écoute pas.", "")]


@SHARED
async def test_a_recording_is_added_listened_to_replaced_and_taken_away(shared_house: House, path: str) -> None:
    editor = await enter(shared_house, Role.EDITOR)
    assert "No recording." in said(await editor.get(f"{path}/recordings"))
    assert said(await editor.get(f"{path}/recordings")).count("Add the French one first.") == 4, (
        "in each other language"
    )
    assert "Add the French recording first" in said(await editor.get(f"{path}/recordings/es"))
    done = await send_sound(editor, path, "fr", SOUND, transcript_fr="Bonjour.")
    assert done.status_code == 303, said(done)
    listed = await editor.get(f"{path}/recordings")
    found = re.search(r'<audio[^>]* src="(/tour/media/[0-9a-f]{64})"', listed.text)
    assert found is not None
    assert (await editor.get(found[1])).content == SOUND
    assert "media-src 'self'" in listed.headers["content-security-policy"]
    french = (await sheet_of(shared_house, path)).recording
    assert french is not None

    await send_sound(editor, path, "es", sound(20), transcript_es="Buenos días.")
    both = (await sheet_of(shared_house, path)).recording
    assert both is not None
    assert (both.digest, both.transcript) == (french.digest, Words(fr="Bonjour.", es="Buenos días."))
    assert both.also.es not in {"", both.digest}
    text = said(await editor.get(path))
    assert "Recordings (2)" in text
    assert f"Spanish · {both.also.es[:8]}" in text

    # The one that was there before is one button away.
    replaced = await send_sound(editor, path, "es", sound(30), transcript_es="Otras palabras.")
    await undo(editor, replaced)
    assert (await sheet_of(shared_house, path)).recording == both

    refused = await editor.post(f"{path}/recordings/fr/removal", {"version": "5"})
    assert "Take the other languages off first" in said(await editor.get(refused.headers["location"]))
    taken = await editor.post(f"{path}/recordings/es/removal", {"version": "5"})
    assert (await sheet_of(shared_house, path)).recording == replace(french, transcript=both.transcript)
    await undo(editor, taken)
    assert (await sheet_of(shared_house, path)).recording == both
    await editor.post(f"{path}/recordings/es/removal", {"version": "7"})
    last = await editor.post(f"{path}/recordings/fr/removal", {"version": "8"})
    assert (await sheet_of(shared_house, path)).recording is None
    await undo(editor, last)
    assert (await sheet_of(shared_house, path)).recording == replace(french, transcript=both.transcript)


@SHARED
async def test_a_recording_without_its_words_is_not_published(shared_house: House, path: str) -> None:
    editor = await enter(shared_house, Role.EDITOR)
    await send_sound(editor, path, "fr", SOUND, transcript_fr="Bonjour.")
    await send_sound(editor, path, "es", sound(20))
    page = await editor.get(path)
    assert "the words of the Spanish recording, to be read" in said(page)
    assert f'href="{path}/recordings/es#field-transcript_es"' in page.text
    assert "Its words are not written" in said(await editor.get(f"{path}/recordings"))
    refused = await editor.post(f"{path}/submit")
    assert "The sheet is not complete" in said(await editor.get(refused.headers["location"]))


@SHARED
async def test_what_is_no_recording_is_refused_and_the_words_stay(shared_house: House, path: str) -> None:
    editor = await enter(shared_house, Role.EDITOR)
    for data in (b"", b"<svg onload=alert(1)>", b"RIFF....WAVE"):
        page = await send_sound(editor, path, "fr", data, transcript_fr="<b>Bonjour</b>")
        assert page.status_code == 422, data[:20]
        assert boxes(page)["transcript_fr"] == "<b>Bonjour</b>"
        assert "<b>Bonjour" not in page.text
    too_long = await send_sound(editor, path, "fr", SLOW * 16_700)
    assert "this file is no MP3 that can be listened to, or it is too long" in said(too_long)
    nothing = await editor.post(f"{path}/recordings/fr", {"version": "1", "transcript_fr": "Bonjour."})
    assert "send the recording, too" in said(nothing)
    photo = {"version": "1", "digest": "0" * 64}
    assert (await editor.post(f"{path}/recordings/fr", photo)).status_code == 422
    assert (await sheet_of(shared_house, path)).recording is None


@SHARED
async def test_a_recording_that_was_sent_need_not_be_sent_twice(shared_house: House, path: str) -> None:
    editor = await enter(shared_house, Role.EDITOR)
    late = await editor.post(
        f"{path}/recordings/fr", {"version": "7", "transcript_fr": "Bonjour."}, files={"recording": ("a.mp3", SOUND)}
    )
    assert late.status_code == 422
    assert "Listen to the one that you are sending" in said(late)
    digest = re.search(r'name="digest" value="([0-9a-f]{64})"', late.text)
    assert digest is not None
    fields = {"version": "1", "digest": digest[1], "transcript_fr": "Bonjour."}
    assert (await editor.post(f"{path}/recordings/fr", fields)).status_code == 303
    kept = (await sheet_of(shared_house, path)).recording
    assert kept is not None
    assert kept.digest == digest[1]


@SHARED
async def test_links_are_added_put_in_order_changed_and_taken_away(shared_house: House, path: str) -> None:
    editor = await enter(shared_house, Role.EDITOR)
    assert "No link yet." in said(await editor.get(f"{path}/links"))
    for place, link in enumerate(LINKS, 1):
        fields = {"version": str(place), "url": link.url, "label_fr": link.label.fr, "label_es": "Leer"}
        assert (await editor.post(f"{path}/links/new", fields)).status_code == 303
    page = await editor.get(f"{path}/links")
    assert "Spanish: Leer" in said(page)
    await editor.post(f"{path}/links/2/move", {"version": "3", "way": "up"})
    urls = [one.url for one in (await sheet_of(shared_house, path)).links]
    assert urls == [LINKS[1].url, LINKS[0].url]
    changed = {"version": "4", "url": "https://air.example/autre", "label_fr": "Autre chose"}
    await editor.post(f"{path}/links/1", changed)
    before = (await sheet_of(shared_house, path)).links
    assert before[0] == Link(Words(fr="Autre chose"), "https://air.example/autre")
    taken = await editor.post(f"{path}/links/1/removal", {"version": "5"})
    assert (await sheet_of(shared_house, path)).links == before[1:]
    await undo(editor, taken)
    assert (await sheet_of(shared_house, path)).links == before
    for nowhere in ("0", "3", "99"):
        assert (await editor.get(f"{path}/links/{nowhere}")).status_code == 404, nowhere


@SHARED
@pytest.mark.parametrize(
    "url",
    [
        *(
            "javascript:alert(1)",
            "http://air.example/",
            "https://air",
            "//air.example",
            "https://anne:secret@air.example/",
        ),
        *(
            "https://air.example\\@evil.example/",
            "https://air.example/\u202e",
            "https://",
            f"https://air.example/{'a' * 1_000}",
        ),
    ],
)
async def test_an_address_that_a_sheet_may_not_lead_to_is_refused(shared_house: House, path: str, url: str) -> None:
    editor = await enter(shared_house, Role.EDITOR)
    page = await editor.post(f"{path}/links/new", {"version": "1", "url": url, "label_fr": "<i>Lire</i>"})
    assert page.status_code == 422
    assert 'id="wrong-url"' in page.text
    assert "<i>Lire" not in page.text
    assert (await sheet_of(shared_house, path)).links == ()


@SHARED
async def test_whoever_is_slower_with_a_link_looks_again(shared_house: House) -> None:
    path = await drafted_at(shared_house, replace(SHEET, links=LINKS))
    first, second = await enter(shared_house, Role.EDITOR), await enter(shared_house, Role.MANAGER)
    await first.post(f"{path}/links/1/move", {"version": "1", "way": "down"})
    typed = {"version": "1", "url": "https://air.example/mien", "label_fr": "Le mien"}
    late = await second.post(f"{path}/links/1", typed)
    assert late.status_code == 422
    assert LINKS[1].url in said(late)
    assert 'value="https://air.example/mien"' in late.text
    for deed, fields in (("move", {"way": "up"}), ("removal", {})):
        answer = await second.post(f"{path}/links/2/{deed}", {"version": "1", **fields})
        assert "The sheet has changed meanwhile" in said(await second.get(answer.headers["location"]))
    assert [one.url for one in (await sheet_of(shared_house, path)).links] == [LINKS[1].url, LINKS[0].url]
    await first.post(f"{path}/links/2/removal", {"version": "2"})
    gone = await second.post(f"{path}/links/2", typed)
    assert gone.status_code == 422
    assert f'action="{path}/links/new"' in gone.text
    assert 'value="https://air.example/mien"' in gone.text


@SHARED
async def test_a_sheet_has_twenty_links_at_most(shared_house: House) -> None:
    path = await drafted_at(shared_house, replace(SHEET, links=LINKS[:1] * 20))
    editor = await enter(shared_house, Role.EDITOR)
    assert "Twenty links are the most" in said(await editor.get(f"{path}/links"))
    more = {"version": "1", "url": "https://air.example/", "label_fr": "Un de plus"}
    assert "twenty links at most" in said(await editor.post(f"{path}/links/new", more))


@SHARED
async def test_the_parts_of_an_archived_point_are_not_written_any_more(shared_house: House) -> None:
    path = await drafted_at(shared_house, replace(SHEET, links=LINKS))
    editor, manager = await enter(shared_house, Role.EDITOR), await enter(shared_house, Role.MANAGER)
    await manager.post(f"{path}/archive", {"over": "L’école ferme"})
    for address in (path, f"{path}/links", f"{path}/recordings"):
        page = await editor.get(address)
        assert not re.search(rf'href="{path}/(languages|links/|recordings/)', page.text), address
    late = await editor.post(f"{path}/languages/es", {"version": "2", "title": "Tarde"})
    assert "this sheet cannot be changed any more" in said(late)
