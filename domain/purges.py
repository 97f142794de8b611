"""What retention erases: by which rule, after how long, and what each job has erased on a day.

`docs/privacy.md` says of every table how long it is kept; here are the rules by which jobs of the background erase,
in the words of whoever answers for them.
"""

from datetime import date, datetime, timedelta
from typing import Final

from msgspec import Struct

from domain.jobs import Job
from domain.text import Text

KEPT: Final = timedelta(days=1096)
"""Three years: long enough to show that what was promised was done."""

PURGING: Final = (Job.RETENTION, Job.FORGETTER, Job.ARCHIVIST, Job.ACCOUNTS)
"""The jobs that erase what is over. What is erased on somebody's wish stands in the journal instead."""


class Purge(Struct, frozen=True):
    """What one job erased on a local day, between the first and the last time: rows by table, about nobody.

    `problem` is the short code of the last round where that failed, empty where it went well; `failures` counts those
    of the day.
    """

    day: date
    job: str
    first_at: datetime
    last_at: datetime
    failures: int
    problem: str
    rows: dict[str, int]

    @property
    def total(self) -> int:
        """All rows together."""
        return sum(self.rows.values())


class KeepingRule(Struct, frozen=True):
    """One rule: of which tables, what that is, and when it goes."""

    kinds: tuple[str, ...]
    what: Text
    until: Text


_AS_PERSON = Text(
    fr="deux ans après la fin du dernier pass, sauf autre durée fixée par la collectivité",
    en="two years after the last pass has ended, unless the authority has set another time",
)
_AS_PASSAGE = Text(fr="2 jours pour les transports, 92 jours ailleurs", en="2 days for transport, 92 days elsewhere")

RULES: Final[tuple[KeepingRule, ...]] = (
    KeepingRule(
        ("validation",),
        Text(fr="Passages rendus anonymes : le passage reste", en="Passages made anonymous: the passage stays"),
        _AS_PASSAGE,
    ),
    KeepingRule(
        ("presence",),
        Text(fr="Dernier passage connu d’un pass dans un lieu", en="Where a pass was last seen at a site"),
        _AS_PASSAGE,
    ),
    KeepingRule(
        ("head_count",), Text(fr="Comptages faits par un agent", en="Heads that an agent counted"), _AS_PASSAGE
    ),
    KeepingRule(
        ("scan_key",),
        Text(fr="Réponses déjà données aux bornes, sans nom", en="Answers given to terminals, without a name"),
        Text(fr="comme le passage, 32 jours au moins", en="as the passage, 32 days at least"),
    ),
    KeepingRule(
        ("counter",),
        Text(fr="Ce qu’un droit a déjà utilisé", en="What a right has used"),
        Text(fr="fin du droit et 32 jours", en="the end of the right, and 32 days"),
    ),
    KeepingRule(
        ("medium_use",),
        Text(fr="Dernier usage d’une carte ou d’un téléphone", en="The last use of a card or a phone"),
        Text(fr="carte : comme le pass ; téléphone : deux jours", en="a card’s as its pass, a phone’s two days"),
    ),
    KeepingRule(
        ("quarantine",),
        Text(fr="Lignes de bornes mises de côté", en="Lines of terminals in quarantine"),
        Text(fr="92 jours", en="92 days"),
    ),
    KeepingRule(
        ("sale", "sale_item"),
        Text(fr="Ventes", en="Sales"),
        Text(fr="deux ans après la fin du dernier droit vendu", en="two years after the last right sold has ended"),
    ),
    KeepingRule(("entitlement",), Text(fr="Droits", en="Rights"), _AS_PERSON),
    KeepingRule(
        ("card_order",),
        Text(fr="Cartes commandées", en="Cards that were ordered"),
        Text(fr="396 jours après la remise ou l’annulation", en="396 days after hand-over or cancellation"),
    ),
    KeepingRule(
        (
            *("holder", "holder_name", "household", "organisation", "beneficiary", "circumstance", "guardianship"),
            "sector_identifier",
        ),
        Text(fr="Personnes, foyers et organismes", en="People, households and organisations"),
        _AS_PERSON,
    ),
    KeepingRule(
        (
            *("pass", "pass_change", "medium", "medium_change", "device_key", "card", "batch_card", "replacement"),
            *("card_proof", "online_handle"),
        ),
        Text(fr="Pass et supports", en="Passes and media"),
        _AS_PERSON,
    ),
    KeepingRule(
        ("retired_place",),
        Text(fr="Numéros de cartes effacées, sans nom", en="Numbers of erased cards, without a name"),
        Text(fr="fin de la signature de la carte", en="the end of the card’s signature"),
    ),
    KeepingRule(
        ("portrait", "portrait_offer", "portrait_word"),
        Text(fr="Photos et photos proposées", en="Photos, and photos that were offered"),
        Text(
            fr="cinq ans, ou 30 jours après le dernier pass ; une photo proposée, 60 jours",
            en="five years, or 30 days after the last pass; an offered photo, 60 days",
        ),
    ),
    KeepingRule(
        ("pass_request", "temporary_pass"),
        Text(fr="Demandes de pass", en="Requests for passes"),
        Text(
            fr="brouillon 30 jours ; refusée ou retirée un an ; acceptée, comme le pass et 62 jours",
            en="a draft 30 days; refused or withdrawn one year; approved, as the pass and 62 days",
        ),
    ),
    KeepingRule(
        ("document",),
        Text(fr="Fichiers des pièces jointes", en="Files of documents"),
        Text(fr="62 jours après la décision", en="62 days after the decision"),
    ),
    KeepingRule(
        ("resident_account", "resident_link", "resident_link_code"),
        Text(fr="Comptes d’habitants, liens et codes sur papier", en="Residents’ accounts, links and codes on paper"),
        Text(
            fr="compte sans usage depuis deux ans ; mandat, un an ; code, 60 jours",
            en="an account unused for two years; a mandate, one year; a code, 60 days",
        ),
    ),
    KeepingRule(
        ("resident_session", "resident_attempt", "resident_ticket", "resident_answer"),
        Text(fr="Connexions d’habitants", en="Logins of residents"),
        Text(
            fr="90 jours après leur fin ; codes envoyés, dix minutes ; réponses, trois jours",
            en="90 days after they ended; codes that were sent, ten minutes; answers, three days",
        ),
    ),
    KeepingRule(
        ("subscriber", "subscription", "notice_delivery"),
        Text(fr="Abonnés aux avis et envois", en="Followers of notices, and what was sent"),
        Text(
            fr="sans confirmation, deux jours ; trois ans sans visite ; envois, 92 jours",
            en="without a yes, two days; three years without a look; deliveries, 92 days",
        ),
    ),
    KeepingRule(
        ("remark",),
        Text(fr="Mots laissés dans la ville", en="Words left in the city"),
        Text(
            fr="non lus, 90 jours ; publiés, deux ans ; refusés, 30 jours",
            en="unread, 90 days; published, two years; declined, 30 days",
        ),
    ),
    KeepingRule(
        ("expression_token", "expression_salt"),
        Text(fr="Marques du jour des appareils", en="Marks of devices of the day"),
        Text(fr="fin de la journée", en="the end of the day"),
    ),
    KeepingRule(
        ("agent_session", "agent_token"),
        Text(fr="Connexions et jetons d’agents", en="Logins and tokens of agents"),
        Text(fr="30 jours après leur fin", en="30 days after their end"),
    ),
    KeepingRule(
        ("unsent_form",),
        Text(fr="Formulaires en attente d’une connexion", en="Forms that wait for a login"),
        Text(fr="une heure", en="an hour"),
    ),
    KeepingRule(
        ("journal_entry",),
        Text(fr="Lignes du journal des accès", en="Lines of the journal of access"),
        Text(fr="douze mois", en="twelve months"),
    ),
    KeepingRule(
        ("webhook_delivery",),
        Text(fr="Messages aux autres logiciels, sans nom", en="Messages to other software, without a name"),
        Text(fr="30 jours", en="30 days"),
    ),
)
"""Every table of which jobs count what they erase, each once."""

RULE_OF: Final[dict[str, KeepingRule]] = {kind: rule for rule in RULES for kind in rule.kinds}


def by_rule(purge: Purge) -> list[tuple[KeepingRule, int]]:
    """Add rows up by rule, in the order of the rules; tables of another release are left out."""
    counts = [(rule, sum(purge.rows.get(kind, 0) for kind in rule.kinds)) for rule in RULES]
    return [(rule, count) for rule, count in counts if count]
