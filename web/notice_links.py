"""Where the links of letters lead: to say yes, to change one's choices, to leave."""

from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from adapters.keyring import KeyRing
from adapters.notice_letters import NoticeLetters
from adapters.subscriber_keys import Link, SubscriberKeys
from api.rules import Rule, enforce
from api.settings import Settings
from domain.errors.notices import BadSubscription, SubscriberNotFound
from domain.notice_words import TOPICS
from domain.places import Authority
from domain.subscribers import Purpose, Subscriber, choose, confirm, leave
from store.database import Begin, Database
from web.cards import said
from web.notice_choices import Typed, bands, names, typed, typed_by
from web.notices import (
    HANDLERS,
    WORDS,
    Asked,
    Page,
    ask_page,
    authority_of,
    names_of,
    offers,
    private,
)
from web.places import language_of, page

_CONFIRM = "/notices/{authority:str}/confirm/{token:str}"
_CHOOSE = "/notices/{authority:str}/choose/{token:str}"
_LEAVE = "/notices/{authority:str}/leave/{token:str}"


@get(_CONFIRM, opt={"rule": Rule.PUBLIC}, include_in_schema=False)
async def confirm_page(
    request: Asked,
    authority: FromPath[str],
    token: FromPath[str],
    database: NamedDependency[Database],
    keyring: NamedDependency[KeyRing],
) -> Page:
    """Ask for a yes."""
    city = await authority_of(database, authority)
    link = SubscriberKeys(keyring).read(city.code, Purpose.CONFIRM, token)
    language = language_of(request)
    async with database.look() as unit:
        _known(await unit.subscribers.of(city.id, link.subscriber_id))
        follows = await unit.subscribers.follows(link.subscriber_id)
    items = names(follows, await names_of(database, city), language)
    say = WORDS[language]
    return ask_page(
        request, city, title=say["confirm_title"], lead=say["confirm_lead"], items=items, button=say["confirm"]
    )


@post(_CONFIRM, status_code=200, opt={"rule": Rule.PUBLIC}, include_in_schema=False)
async def say_yes(
    *,
    request: Asked,
    authority: FromPath[str],
    token: FromPath[str],
    database: NamedDependency[Database],
    begin: NamedDependency[Begin],
    keyring: NamedDependency[KeyRing],
    settings: NamedDependency[Settings],
) -> Page:
    """Begin."""
    city, keys = await authority_of(database, authority), SubscriberKeys(keyring)
    link = keys.read(city.code, Purpose.CONFIRM, token)
    async with begin() as unit:
        subscriber = _known(await unit.subscribers.of(city.id, link.subscriber_id))
        await confirm(unit, subscriber, now=request.app.state.clock())
    say = WORDS[language_of(request)]
    choices = NoticeLetters(keys, settings.public_url).address(city.code, Purpose.CHOOSE, Link(subscriber.id))
    return ask_page(request, city, title=say["confirmed_title"], lead=say["confirmed"], choices=choices)


@get(_CHOOSE, opt={"rule": Rule.PUBLIC}, include_in_schema=False)
async def choices(
    request: Asked,
    authority: FromPath[str],
    token: FromPath[str],
    database: NamedDependency[Database],
    keyring: NamedDependency[KeyRing],
) -> Page:
    """Show what somebody follows, in a form."""
    city = await authority_of(database, authority)
    subscriber, form = await _chosen(database, keyring, city, token)
    return await _choices(request, database, city, subscriber, form)


@post(_CHOOSE, status_code=200, opt={"rule": Rule.PUBLIC}, include_in_schema=False)
async def save(
    *,
    request: Asked,
    authority: FromPath[str],
    token: FromPath[str],
    database: NamedDependency[Database],
    begin: NamedDependency[Begin],
    keyring: NamedDependency[KeyRing],
) -> Page:
    """Change it, or end it all."""
    city = await authority_of(database, authority)
    subscriber, _ = await _chosen(database, keyring, city, token)
    sent = await request.form()
    say = WORDS[language_of(request)]
    if sent.get("leave") == "all":
        async with begin() as unit:
            await leave(unit, subscriber, None)
        return ask_page(request, city, title=say["left_title"], lead=say["left_all"])
    form = typed(sent)
    now = request.app.state.clock()
    follows, quiet = form.follows(await offers(database, city, language_of(request), now=now)), form.quiet()
    if not form.wrong:
        try:
            async with begin() as unit:
                subscriber = await choose(unit, subscriber, follows, language=form.language, quiet=quiet, now=now)
        except BadSubscription:
            form.refuse("follow", "follow")
    return await _choices(request, database, city, subscriber, form, is_saved=not form.wrong)


@get(_LEAVE, opt={"rule": Rule.PUBLIC}, include_in_schema=False)
async def leave_page(
    request: Asked,
    authority: FromPath[str],
    token: FromPath[str],
    database: NamedDependency[Database],
    keyring: NamedDependency[KeyRing],
) -> Page:
    """Ask once more: programs that look at letters open their links."""
    city = await authority_of(database, authority)
    link = SubscriberKeys(keyring).read(city.code, Purpose.LEAVE, token)
    say = WORDS[language_of(request)]
    title = say["leave_title"].format(topic=_topic(link, request))
    return ask_page(request, city, title=title, button=say["leave"], can_leave_all=True)


@post(_LEAVE, status_code=200, opt={"rule": Rule.PUBLIC}, include_in_schema=False)
async def go(
    *,
    request: Asked,
    authority: FromPath[str],
    token: FromPath[str],
    database: NamedDependency[Database],
    begin: NamedDependency[Begin],
    keyring: NamedDependency[KeyRing],
) -> Page | Response[None]:
    """Leave a topic, or everything. Mail programs post here by themselves; who has left already is told the same."""
    city = await authority_of(database, authority)
    link = SubscriberKeys(keyring).read(city.code, Purpose.LEAVE, token)
    leaves_all = (await request.form()).get("leave") == "all"
    async with begin() as unit:
        subscriber = await unit.subscribers.of(city.id, link.subscriber_id)
        follows = await unit.subscribers.follows(link.subscriber_id)
        follows_it = any(leaves_all or one.topic is link.topic for one in follows)
        is_gone = True
        if subscriber is not None and follows_it:
            is_gone = await leave(unit, subscriber, None if leaves_all else link.topic)
            if link.notice_id is not None:
                await unit.subscribers.count_left(link.notice_id)
        elif subscriber is not None:
            is_gone = not follows
    say = WORDS[language_of(request)]
    lead = say["left_all"] if is_gone else say["left"].format(topic=_topic(link, request))
    return ask_page(request, city, title=say["left_title"], lead=lead, can_leave_all=not is_gone)


def _topic(link: Link, request: Asked) -> str:
    if link.topic is None:
        raise SubscriberNotFound("This link names no topic.")
    return said(TOPICS[link.topic], language_of(request))


def _known(subscriber: Subscriber | None) -> Subscriber:
    if subscriber is None:
        raise SubscriberNotFound("All was left already.")
    return subscriber


async def _chosen(database: Database, keyring: KeyRing, city: Authority, token: str) -> tuple[Subscriber, Typed]:
    link = SubscriberKeys(keyring).read(city.code, Purpose.CHOOSE, token)
    async with database.look() as unit:
        subscriber = _known(await unit.subscribers.of(city.id, link.subscriber_id))
        return subscriber, typed_by(subscriber, await unit.subscribers.follows(subscriber.id))


async def _choices(
    request: Asked,
    database: Database,
    city: Authority,
    subscriber: Subscriber,
    form: Typed,
    *,
    is_saved: bool = False,
) -> Page:
    language = language_of(request)
    drawn = page(
        request,
        "notices/choose.html",
        status_code=422 if form.wrong else 200,
        authority=city,
        shared=False,
        words=WORDS[language],
        form=form,
        offered=await offers(database, city, language, now=request.app.state.clock()),
        bands=bands(language),
        is_saved=is_saved,
        is_paused=subscriber.paused_at is not None,
    )
    return private(drawn)


ROUTER = Router(
    path="/",
    route_handlers=[confirm_page, say_yes, choices, save, leave_page, go],
    guards=[enforce],
    exception_handlers=HANDLERS,
)
