"""The sheet of a point listens without JavaScript, and says loudly what a river does."""

import itertools
import re
from datetime import timedelta
from uuid import UUID

import httpx
import pytest

from domain.agents import Role
from domain.expression import answer as answer_remark
from domain.expression import approve
from domain.floods import Level
from tests.tour_city import LEVEL, OpenTour
from tests.tour_floods import agreed, declared
from tests.tour_streams import NOON, reading

SHARED = pytest.mark.asyncio(loop_scope="module")
_browsers = itertools.count()


async def text(tour: OpenTour, path: str, language: str = "fr") -> str:
    answer = await tour.client.get(path, headers={"Accept-Language": language})
    assert answer.status_code == 200, answer.text
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text)).replace("\u00a0", " ")


async def send(tour: OpenTour, slug: str, browser: str = "", **form: str) -> httpx.Response:
    """Send the form as a browser would: to where it leads, with what it holds, following nothing."""
    page = await tour.client.get(f"/tour/points/{slug}")
    (where, *_) = re.findall(r'<form method="post" action="([^"]+)"', page.text)
    headers = {"User-Agent": browser or f"Browser {next(_browsers)}"}
    answer: httpx.Response = await tour.client.post(where, data=form, headers=headers, follow_redirects=False)
    return answer


def notice(answer: httpx.Response) -> str:
    assert answer.status_code == 303, answer.text
    assert "set-cookie" not in answer.headers
    found = re.fullmatch(r"/tour/points/[a-z0-9-]+\?said=(\w+)&lang=(\w+)#voices", answer.headers["location"])
    assert found is not None, answer.headers["location"]
    return found[1]


@SHARED
async def test_one_tap_says_how_one_feels_and_leads_back_to_the_sheet(tour: OpenTour) -> None:
    answer = await send(tour, "velos-albert", kind="reaction", feeling="useful", text="", lang="en")
    assert notice(answer) == "thanks"
    assert "Thank you, noted." in await text(tour, answer.headers["location"].partition("#")[0], "fr")


@SHARED
async def test_words_wait_until_an_agent_has_published_them_with_an_answer(tour: OpenTour) -> None:
    answer = await send(tour, "air-classe-12", kind="question", text='Et la nuit ? <script>"&', lang="fr")
    assert notice(answer) == "waits"
    assert "Et la nuit" not in await text(tour, "/tour/points/air-classe-12")

    point = tour.tour.points["air-classe-12"]
    agent = tour.tour.city.agents[Role.MANAGER].id
    async with tour.tour.database.begin() as unit:
        waiting = await unit.expression.queue(point.authority_id, "waiting", 50)  # type: ignore[arg-type]
        (held,) = [one for slug, one in waiting if one.text is not None and one.text.startswith("Et la nuit")]
        published = await approve(unit, held, point, agent_id=agent, now=NOON)
        await answer_remark(unit, published, "La nuit aussi.", agent_id=agent, now=NOON)
    page = await tour.client.get("/tour/points/air-classe-12")
    assert "Et la nuit ? &lt;script&gt;&#34;&amp;" in page.text
    shown = await text(tour, "/tour/points/air-classe-12")
    assert "Message du mercredi 18 novembre" in shown
    assert "Réponse de la ville, mercredi 18 novembre La nuit aussi." in shown


@SHARED
@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ({"kind": "question", "text": ""}, "nothing"),
        ({"kind": "question", "text": "é" * 601}, "nothing"),
        ({"kind": "question", "text": "é" * 1_201}, "nothing"),
        ({"kind": "shout", "text": "eh bien"}, "nothing"),
        ({"kind": "reaction", "feeling": "furious"}, "nothing"),
        ({"kind": "question", "text": "acheter ici", "website": "https://spam.example"}, "thanks"),
        ({}, "nothing"),
    ],
)
async def test_a_form_that_says_nothing_leads_back_with_a_word(
    tour: OpenTour, form: dict[str, str], expected: str
) -> None:
    assert notice(await send(tour, "le-lez", **form)) == expected
    async with tour.tour.database.look() as unit:
        waiting = await unit.expression.queue(tour.tour.city.authority.id, "waiting", 50)  # type: ignore[arg-type]
    assert [one.text for slug, one in waiting if slug == "le-lez"] == []


@SHARED
async def test_a_browser_that_spoke_today_is_told_so(tour: OpenTour) -> None:
    assert notice(await send(tour, "velos-albert", "The same", kind="reaction", feeling="curious")) == "thanks"
    answer = await send(tour, "velos-albert", "The same", kind="reaction", feeling="curious")
    assert notice(answer) == "already"
    assert "Revenez demain." in await text(tour, answer.headers["location"].partition("#")[0])


@SHARED
async def test_a_form_on_another_site_says_nothing_here(tour: OpenTour) -> None:
    point = tour.tour.points["velos-albert"]
    answer = await tour.client.post(
        f"/tour/points/{point.id}/voices",
        data={"kind": "reaction", "feeling": "worried"},
        headers={"Sec-Fetch-Site": "cross-site", "User-Agent": "Misled"},
        follow_redirects=False,
    )
    assert notice(answer) == "nothing"
    assert notice(await send(tour, "velos-albert", "Misled", kind="reaction", feeling="useful")) == "thanks"


@SHARED
async def test_a_file_is_no_text(tour: OpenTour) -> None:
    point = tour.tour.points["velos-albert"]
    answer = await tour.client.post(
        f"/tour/points/{point.id}/voices",
        data={"kind": "question"},
        files={"text": ("a.txt", b"a file")},
        follow_redirects=False,
    )
    assert notice(answer) == "nothing"


@SHARED
async def test_what_an_address_asks_to_be_said_is_not_said(tour: OpenTour) -> None:
    assert 'role="status"><' not in (await tour.client.get("/tour/points/velos-albert?said=title")).text
    page = await tour.client.get("/tour/points/velos-albert?said=<b>call this number</b>")
    assert "call this number" not in page.text.partition("<main")[2]


@SHARED
async def test_a_form_for_no_point_is_a_page_that_says_so(tour: OpenTour) -> None:
    answer = await tour.client.post(f"/tour/points/{UUID(int=404)}/voices", data={"kind": "reaction"})
    assert answer.status_code == 404
    assert "Cette page n’existe pas" in answer.text


@SHARED
async def test_a_level_that_people_confirm_is_on_the_sheet_with_what_to_do(tour: OpenTour) -> None:
    """The whole life of a level on one page: none set, normal, over the quay, and then a gauge that falls silent."""
    database, city, path = tour.tour.database, tour.tour.city, "/tour/points/le-lez"
    assert "niveau normal" not in await text(tour, path), "nobody has set its metres"
    await agreed(database, city, NOON)
    assert "La rivière est à son niveau normal. Rien à faire." in await text(tour, path)

    await declared(database, city, Level.QUAY, NOON)
    shown = await text(tour, path)
    assert "Niveau 3, l’eau déborde sur le quai. Éloignez-vous, montez à l’étage" in shown
    assert "vu du pont" not in shown
    assert "Level 3, the water is over the quay." in await text(tour, path, "en")
    (told,) = (await tour.client.get("/v1/tour/floods")).json()
    assert (told["station"], told["level"], told["stale"]) == ("lez-castelnau", 3, False)
    assert told["sentence"]["en"].startswith("Level 3, the water is over the quay.")
    assert "metres" not in told

    tour.clock.turn(hours=3)
    shown = await text(tour, path)
    assert "Attention : nous ne recevons plus de mesures." in shown
    assert "Niveau 3, l’eau déborde sur le quai." in shown, "silence takes nothing back"
    await tour.tour.hear(reading(0.5, tour.clock() - timedelta(minutes=1), LEVEL))
    tour.clock.turn(seconds=20)
    assert "Attention" not in await text(tour, path)

    await declared(database, city, Level.NORMAL, tour.clock())
    tour.clock.turn(hours=3)
    (told,) = (await tour.client.get("/v1/tour/floods")).json()
    assert (told["level"], told["stale"]) == (None, True), "nobody is told 0 by a gauge that is silent"
