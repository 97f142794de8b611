"""The root of the command line: which families there are, and how an error is told.

Status 0: done. Status 1: done, and the answer is no. Status 2: not done, and one line says why.
"""

import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import version
from typing import Any

import click
import rich_click
from msgspec import Struct

from domain.errors import DomainError
from terminal.errors import TerminalError


class Family(Struct, frozen=True):
    """A command of the root: its module is loaded when it is called, so that `multipass --help` stays instant."""

    name: str
    module: str
    summary: str


FAMILIES: tuple[Family, ...] = (
    Family("demo", "cli.demonstration", "Build a demonstration city and serve it."),
    Family("serve", "cli.serve", "Serve the installation over HTTP."),
    Family("jobs", "cli.jobs", "Jobs of the background: when each ran last in each worker, and how it went."),
    Family("migrate", "cli.migrations", "Bring the database to the schema of this version."),
    Family("carry", "cli.carry", "Carry an installation out into one file, and from it into an empty one."),
    Family("authority", "cli.authorities", "Local authorities that this installation hosts."),
    Family("catalogue", "cli.catalogue", "Products, prices and sites: what an authority offers."),
    Family("agent", "cli.agents", "People who work for an authority."),
    Family("keys", "cli.keys", "Keys that sign passes and tokens."),
    Family("pass", "cli.passes", "Issue, show, print, block and replace passes."),
    Family("batch", "cli.batches", "Batches of cards: order, send to a maker, read the report, deliver."),
    Family("import", "cli.imports", "Take old files in: CSV or XLSX, checked before anything is written."),
    Family("card", "cli.made_cards", "Enrol cards as media of a pass, bind those of a batch, count the blank ones."),
    Family("phone", "cli.phones", "Bind phones as media of a pass."),
    Family(
        "right", "cli.rights", "Grant and end rights on a pass, say what they depend on, keep somebody from a service."
    ),
    Family("household", "cli.households", "Found, show, move and split households."),
    Family("organisation", "cli.organisations", "Firms, associations and municipal services, with their members."),
    Family("requests", "cli.requests", "Requests for passes: the queue, what each says, and decisions."),
    Family("people", "cli.people", "Erase somebody who asks for it (GDPR, art. 17)."),
    Family("guardian", "cli.guardians", "Who acts for whom: parents and tutors."),
    Family("resident", "cli.residents", "Accounts of residents: the code that ties somebody to one, and its end."),
    Family("passage", "cli.passages", "Let somebody in or take a deposit on your own account, take a passage back."),
    Family("bills", "cli.bills", "Sums that passages left to be paid later, and how each was settled."),
    Family("offline", "cli.offline", "What gates granted without network, held against what they would have heard."),
    Family("journal", "cli.journal", "Who did what with personal data: search it, check that nobody changed it."),
    Family("retention", "cli.retention", "Forget what has come to its end."),
    Family(
        "quarantine",
        "cli.quarantine",
        "Lines of uploads that could not be taken in: look at them, take them in, drop them.",
    ),
    Family("explain", "cli.explain", "Say why a pass would open a site's gate, or not."),
    Family("offers", "cli.offers", "Show what a pass can use and buy at a gate."),
    Family("inspect", "cli.inspect", "Say what a code or tap is, and why a gate would refuse it."),
    Family("bundle", "cli.bundles", "Make, show and verify offline bundles."),
    Family("terminal", "cli.terminals", "Pair terminals, and be one: run a gate, scan a pass."),
    Family(
        "simulate",
        "cli.simulate",
        "Live through weeks of bad network with many terminals, and check that nothing is lost or told twice.",
    ),
    Family("gateway", "cli.gateways", "Systems that read cards of others for us."),
    Family("figures", "cli.figures", "What dashboards show: counts of whole periods, about nobody."),
    Family("device", "cli.city_devices", "Devices of the connected city: register, list, look at what they say."),
    Family("points", "cli.points", "Points of the tour: write their sheets, publish them, print their plates."),
)


class Front(rich_click.RichGroup):
    """The root group."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """List the families in the order an installation meets them."""
        return [family.name for family in FAMILIES]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - as above
        """Return what the list of commands shows of a family."""
        family = _family(cmd_name)
        return rich_click.RichCommand(name=family.name, short_help=family.summary) if family else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Load the family that is called."""
        name, command, rest = super().resolve_command(ctx, args)
        family = _family(name or "")
        return name, import_module(family.module).command if family else command, rest

    def main(  # type: ignore[override]  # click's two overloads, told apart by `standalone_mode`
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        **extra: Any,  # noqa: ANN401 - click's own
    ) -> Any:  # noqa: ANN401 - click's own
        """Run, and tell an error in one line instead of a page."""
        if not extra.pop("standalone_mode", True):
            return super().main(args, prog_name, standalone_mode=False, **extra)
        status = 2
        try:
            returned = super().main(args, prog_name, standalone_mode=False, **extra)
            status = returned if isinstance(returned, int) else 0
        except click.UsageError as error:
            hint = f" See: {error.ctx.command_path} --help" if error.ctx is not None else ""
            _tell(f"{error.format_message()}{hint}")
        except click.Abort:
            _tell("stopped.")
        except click.ClickException as error:
            _tell(error.format_message())
        except DomainError as error:
            _tell(error.detail or error.code)
        except TerminalError as error:
            _tell(str(error))
        except OSError as error:
            _tell(f"{error.filename}: {error.strerror}." if error.filename else f"{error.strerror or error}.")
        sys.exit(status)


def _family(name: str) -> Family | None:
    return next((family for family in FAMILIES if family.name == name), None)


def _tell(sentence: str) -> None:
    click.echo(f"multipass: {' '.join(sentence.split())}", err=True)


@click.group(
    cls=Front,
    epilog="Example: multipass demo",
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(version("multipass"), prog_name="multipass")
def front() -> None:
    """One pass for every service of a city.

    Settings come from MULTIPASS_* variables of the environment; docs/operations.md lists them.
    """


def main() -> None:
    """Run the command that the program was started with, and end with its status."""
    front(prog_name="multipass")
