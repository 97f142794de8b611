"""Who may call a route: each one declares it, and what is not declared is refused."""

from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Any

from litestar.connection import ASGIConnection
from litestar.handlers.base import BaseRouteHandler

from api.auth import authenticate
from api.journalling import no_note, origin_of, take_note
from api.residents import Resident, authenticate_resident
from api.sessions import check_ability, terminal_of
from domain.agents import Agent, Permission
from domain.errors import Forbidden
from domain.terminals import Ability

Who = Callable[[ASGIConnection[Any, Any, Any, Any]], Awaitable[Agent]]
"""Tells which agent a request comes from, or raises `NotAuthenticated`."""

WhichResident = Callable[[ASGIConnection[Any, Any, Any, Any]], Awaitable[Resident]]
"""The same of residents: the portal knows its visitors by a cookie, the API by a token."""


class Rule(StrEnum):
    """The rules that are neither a permission of an agent nor an ability of a terminal."""

    PUBLIC = "public"
    """Anybody; the handler itself may ask for a code, a password or a signature."""
    AGENT = "agent"
    """Any agent who is logged in."""
    RESIDENT = "resident"
    """Any resident who is logged in; what is not theirs does not exist for them."""


class UndeclaredRoute(Forbidden):
    """A route without a rule answers nobody."""

    code = "undeclared-route"


async def enforce(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Let the caller through if the route's rule says so. Runs before every handler of the API."""
    no_note()
    rule = handler.opt.get("rule")
    if rule is Rule.PUBLIC:
        return
    if rule is Rule.RESIDENT:
        which: WhichResident = handler.opt.get("who", authenticate_resident)
        connection.scope["user"] = await which(connection)
        return
    if isinstance(rule, Ability):
        terminal = await terminal_of(connection)
        check_ability(terminal, rule)
        connection.scope["user"] = terminal
        return
    if rule is Rule.AGENT or isinstance(rule, Permission):
        # Pages of the console know their visitor by a session; everything else knows its caller by a token.
        who: Who = handler.opt.get("who", authenticate)
        agent = await who(connection)
        connection.scope["user"] = agent  # the page that says no has the menu of whoever it says it to
        if isinstance(rule, Permission):
            await _check(connection, handler, agent, rule)
        if (act := handler.opt.get("journal")) is not None:
            take_note(connection, act, agent, origin_of(connection))
        return
    raise UndeclaredRoute("This route has no rule.")


async def _check(
    connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler, agent: Agent, permission: Permission
) -> None:
    """Look whether an agent may call a route: at the site of its address; without one, everywhere.

    A route that finds the place by itself says `opt={"placed": True}`, and asks `agent.may` once it knows.
    """
    allowed = agent.may(permission)
    if not allowed and agent.may_somewhere(permission):
        site = connection.path_params.get("site")
        if site is not None:
            async with connection.app.state.database.look() as unit:
                allowed = agent.may(permission, at=await unit.places.place(agent.authority_id, str(site)))
        else:
            allowed = bool(handler.opt.get("placed"))
    if not allowed:
        raise Forbidden(f"This needs the permission {permission}.")
