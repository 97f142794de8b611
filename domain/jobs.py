"""What the program does by itself while a server runs, and how each of these jobs last went, worker by worker."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum

from msgspec import Struct

from domain.text import Text

LATE_AFTER_ROUNDS = 3
LATE_AT_LEAST = timedelta(minutes=5)
"""How long a job may keep silent before somebody should look: three of its rounds, and this at least."""

GONE_AFTER = timedelta(hours=1)
"""A worker that has noted nothing for so long is forgotten: it was stopped, and others work."""

NOTED_EVERY = timedelta(minutes=1)
"""How often a worker notes how its jobs go. What begins to fail, and what works again, is noted at once."""


class Job(StrEnum):
    """One job."""

    IMPORTER = "importer"
    COURIER = "courier"
    TALLIER = "tallier"
    FORGETTER = "forgetter"
    ARCHIVIST = "archivist"
    NOTICES = "notices"
    ACCOUNTS = "accounts"
    BOUNCES = "bounces"
    REQUESTS = "requests"
    CARDS = "cards"
    PHOTOS = "photos"
    RETENTION = "retention"
    SCHEDULER = "scheduler"
    UPKEEP = "upkeep"


JOBS: dict[Job, Text] = {
    Job.IMPORTER: Text(fr="Faire entrer les anciens fichiers", en="Bring old files in"),
    Job.COURIER: Text(fr="Porter les messages aux autres logiciels", en="Carry messages to other software"),
    Job.TALLIER: Text(fr="Compter pour les tableaux de bord", en="Count for the dashboards"),
    Job.FORGETTER: Text(fr="Effacer ce qui est arrivé à son terme", en="Erase what has come to its end"),
    Job.ARCHIVIST: Text(fr="Suivre les demandes et leurs pièces", en="See to requests and their documents"),
    Job.NOTICES: Text(fr="Publier et envoyer les avis", en="Publish and send notices"),
    Job.ACCOUNTS: Text(fr="Prévenir et fermer les comptes qui dorment", en="Warn and close accounts that sleep"),
    Job.BOUNCES: Text(fr="Lire quelles lettres sont revenues", en="Read which letters came back"),
    Job.REQUESTS: Text(
        fr="Écrire aux habitants où en est leur demande", en="Write to residents how their requests stand"
    ),
    Job.CARDS: Text(fr="Écrire aux habitants où en est leur carte", en="Write to residents how their cards stand"),
    Job.PHOTOS: Text(
        fr="Écrire aux habitants que leur photo est refusée", en="Write to residents whose photo is refused"
    ),
    Job.RETENTION: Text(fr="Oublier les personnes au terme prévu", en="Forget people when their time has come"),
    Job.SCHEDULER: Text(
        fr="Mettre en vigueur les modifications du catalogue", en="Put changes of the catalogue in force"
    ),
    Job.UPKEEP: Text(fr="Surveiller les capteurs", en="Watch the devices of the city"),
}
"""A job that a newer or older worker has, and this program does not know, is called by its code."""


class Round(Struct, frozen=True):
    """How a job last went in one worker.

    `failures` counts its rounds that failed since one succeeded; `problem` is a short code of the last failure, empty
    where the last round succeeded. `succeeded_at` is None where none ever did.
    """

    job: str
    worker: str
    every_seconds: float
    began_at: datetime
    took_seconds: float
    failures: int = 0
    problem: str = ""
    succeeded_at: datetime | None = None
    noted_at: datetime | None = None

    @property
    def next_at(self) -> datetime:
        """When the next round begins, unless something calls it sooner."""
        return self.began_at + timedelta(seconds=self.took_seconds + self.every_seconds)


class Condition(StrEnum):
    """How a job is."""

    FAILING = "failing"
    """Its last round failed, in one worker at least."""
    LATE = "late"
    """No worker has done it for too long."""
    WELL = "well"


class Standing(Struct, frozen=True):
    """How a job is over all workers that have it, those that noted last first."""

    job: str
    condition: Condition
    rounds: tuple[Round, ...]


def standings(rounds: Iterable[Round], now: datetime) -> list[Standing]:
    """Say how each job is, the gravest first. A job that no worker has noted is not there."""
    by_job: dict[str, list[Round]] = {}
    for one in rounds:
        by_job.setdefault(one.job, []).append(one)
    found = [
        Standing(job, _condition(of_job, now), tuple(sorted(of_job, key=lambda one: one.began_at, reverse=True)))
        for job, of_job in by_job.items()
    ]
    return sorted(found, key=lambda one: (list(Condition).index(one.condition), one.job))


def _condition(rounds: list[Round], now: datetime) -> Condition:
    alive = [one for one in rounds if not _silent(one, now)]
    if any(one.failures for one in alive):
        return Condition.FAILING
    return Condition.WELL if alive else Condition.LATE


def _silent(one: Round, now: datetime) -> bool:
    """Tell whether a worker has noted nothing for too long."""
    bound = max(LATE_AFTER_ROUNDS * timedelta(seconds=one.every_seconds), LATE_AT_LEAST)
    return now - (one.noted_at or one.began_at) > bound


def after(before: Round | None, done: Round) -> Round:
    """Carry on what a worker knows of a job: failures add up, and the last success stays known."""
    if not done.problem:
        return done
    return Round(
        job=done.job,
        worker=done.worker,
        every_seconds=done.every_seconds,
        began_at=done.began_at,
        took_seconds=done.took_seconds,
        failures=(before.failures if before is not None else 0) + 1,
        problem=done.problem,
        succeeded_at=before.succeeded_at if before is not None else None,
    )
