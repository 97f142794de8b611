"""Where the console leads: the one place in which each family of screens says that it is there.

An entry is seen by whoever may call its page; the home page says what it is for.
"""

from msgspec import Struct

from api.rules import Rule
from domain.agents import Agent, Permission
from domain.text import Text


class Entry(Struct, frozen=True):
    """One screen that people go to. `rule` is that of its route; `purpose` is one sentence of what it is for."""

    path: str
    name: Text
    purpose: Text
    rule: Permission | Rule
    placed: bool = False
    """Whether the page shows to each agent the places that their roles are for."""

    def is_for(self, agent: Agent) -> bool:
        """Tell whether this agent may go there."""
        if not isinstance(self.rule, Permission):
            return self.rule is Rule.AGENT
        return agent.may_somewhere(self.rule) if self.placed else agent.may(self.rule)


class Group(Struct, frozen=True):
    """Screens that belong together."""

    name: Text
    entries: tuple[Entry, ...]


PEOPLE = Entry(
    path="/console/people",
    name=Text(fr="Chercher une personne", en="Find somebody"),
    purpose=Text(
        fr="Ouvrir un dossier par un nom, un numéro, un code ou une carte.",
        en="Open a file by a name, a number, a code or a card.",
    ),
    rule=Permission.PASS_READ,
)

PHOTOS = Entry(
    path="/console/photos",
    name=Text(fr="Photos à vérifier", en="Photos to look at"),
    purpose=Text(
        fr="Accepter ou refuser les photos que des habitants ont prises chez eux.",
        en="Accept or refuse photos that residents took at home.",
    ),
    rule=Permission.PASS_ISSUE,
)

ORGANISATIONS = Entry(
    path="/console/organisations",
    name=Text(fr="Organisations", en="Organisations"),
    purpose=Text(
        fr="Entreprises et associations, et qui porte leurs cartes.",
        en="Firms and associations, and who holds their cards.",
    ),
    rule=Permission.PERSON_MANAGE,
)

JOURNAL = Entry(
    path="/console/journal",
    name=Text(fr="Journal des accès", en="Journal of access"),
    purpose=Text(
        fr="Voir qui a lu ou changé quoi dans les dossiers.", en="See who read or changed what in people’s files."
    ),
    rule=Permission.JOURNAL_READ,
)

PURGES = Entry(
    path="/console/purges",
    name=Text(fr="Effacements faits", en="What was erased"),
    purpose=Text(
        fr="Voir ce que les durées de conservation ont effacé, et selon quelle règle.",
        en="See what the periods of keeping have erased, and by which rule.",
    ),
    rule=Permission.JOURNAL_READ,
)

NAVIGATION: tuple[Group, ...] = (
    Group(
        Text(fr="Demandes", en="Requests"),
        (
            Entry(
                "/console/requests",
                Text(fr="Demandes de pass", en="Requests for passes"),
                Text(fr="Instruire, demander un complément, décider.", en="Review, ask for more, decide."),
                Permission.REQUEST_READ,
                placed=True,
            ),
            Entry(
                "/console/request-texts",
                Text(fr="Textes types", en="Standard texts"),
                Text(fr="Écrire ce que l’instruction répond souvent.", en="Write what reviewers say often."),
                Permission.REQUEST_CONFIGURE,
            ),
            Entry(
                "/console/request-terms",
                Text(fr="Ce qui est demandé", en="What is asked for"),
                Text(fr="Justificatifs, délais, et qui répond.", en="Proofs, delays, and who answers."),
                Permission.REQUEST_CONFIGURE,
            ),
        ),
    ),
    Group(Text(fr="Guichet", en="Desk"), (PEOPLE, PHOTOS, ORGANISATIONS)),
    Group(
        Text(fr="Lieux", en="Places"),
        (
            Entry(
                "/console/sites",
                Text(fr="Lieux en direct", en="Sites, live"),
                Text(
                    fr="Qui est dedans, les derniers passages, et faire entrer quelqu’un.",
                    en="Who is inside, the last passages, and letting somebody in.",
                ),
                Permission.SITE_WATCH,
                placed=True,
            ),
            Entry(
                "/console/notices",
                Text(fr="Avis aux habitants", en="Notices to residents"),
                Text(fr="Dire ce qui ferme, change ou arrive.", en="Say what shuts, changes or happens."),
                Permission.NOTICE_WRITE,
                placed=True,
            ),
            Entry(
                "/console/terminals",
                Text(fr="Terminaux", en="Terminals"),
                Text(
                    fr="Comment vont les terminaux, en appairer un, en révoquer un.",
                    en="How terminals are, pairing one, revoking one.",
                ),
                Permission.TERMINAL_READ,
                placed=True,
            ),
            Entry(
                "/console/offline",
                Text(fr="Passages sans réseau", en="Passages without network"),
                Text(
                    fr="Ce que les portes ont décidé seules, et les lignes mises de côté.",
                    en="What gates decided alone, and lines put aside.",
                ),
                Permission.OVERRIDE_REVIEW,
                placed=True,
            ),
        ),
    ),
    Group(
        Text(fr="Pilotage", en="Steering"),
        (
            Entry(
                "/console/catalogue",
                Text(fr="Catalogue", en="Catalogue"),
                Text(
                    fr="Tarifs, quotas, horaires et fermetures : préparer un changement, voir qui il touche.",
                    en="Prices, quotas, hours and closures: prepare a change, see whom it affects.",
                ),
                Permission.CATALOGUE_MANAGE,
                placed=True,
            ),
            Entry(
                "/console/figures",
                Text(fr="Tableaux de bord", en="Dashboards"),
                Text(fr="Passages, adoption, refus et coûts, période par période.", en="Passages, adoption and costs."),
                Permission.FIGURES_READ,
            ),
        ),
    ),
    Group(
        Text(fr="La ville qui mesure", en="The city that measures"),
        (
            Entry(
                "/console/points",
                Text(fr="Points du parcours", en="Points of the tour"),
                Text(fr="Écrire, relire et publier les fiches.", en="Write, read and publish sheets."),
                Permission.POINT_EDIT,
            ),
            Entry(
                "/console/devices",
                Text(fr="Capteurs", en="Devices"),
                Text(fr="Trouver un appareil, voir ce qu’il dit.", en="Find a device, see what it says."),
                Permission.SENSOR_READ,
            ),
            Entry(
                "/console/letters",
                Text(fr="Messages mis de côté", en="Messages put aside"),
                Text(fr="Ce que personne n’a pu lire, et pourquoi.", en="What nobody could read, and why."),
                Permission.SENSOR_READ,
            ),
            Entry(
                "/console/bands",
                Text(fr="Repères et phrases", en="Bands and sentences"),
                Text(fr="Voir ce que la page dirait d’une valeur.", en="See what the page would say of a value."),
                Permission.POINT_EDIT,
            ),
            Entry(
                "/console/floods",
                Text(fr="Niveaux des rivières", en="Levels of rivers"),
                Text(
                    fr="Ce que disent les rivières, et ce que les habitants en lisent.",
                    en="What rivers say, and what residents read of it.",
                ),
                Permission.FLOOD_READ,
            ),
            Entry(
                "/console/voices",
                Text(fr="Paroles d’habitants", en="Words of residents"),
                Text(fr="Lire, publier, effacer et répondre.", en="Read, publish, erase and answer."),
                Permission.EXPRESSION_MODERATE,
            ),
            Entry(
                "/console/tasks",
                Text(fr="Tâches des services", en="Tasks of services"),
                Text(fr="Ce que les habitants demandent de regarder.", en="What residents ask to be looked at."),
                Permission.EXPRESSION_MODERATE,
            ),
        ),
    ),
    Group(
        Text(fr="Administration", en="Administration"),
        (
            Entry(
                "/console/agents",
                Text(fr="Agents et rôles", en="Agents and roles"),
                Text(
                    fr="Qui travaille ici, et qui peut faire quoi, où.",
                    en="Who works here, who may do what, where.",
                ),
                Permission.AGENT_MANAGE,
            ),
            Entry(
                "/console/batches",
                Text(fr="Lots de cartes", en="Batches of cards"),
                Text(fr="Commander, recevoir et livrer des cartes.", en="Order, receive and deliver cards."),
                Permission.CARD_BATCH,
            ),
            Entry(
                "/console/card-orders",
                Text(fr="Cartes commandées", en="Ordered cards"),
                Text(fr="Les cartes que des habitants attendent.", en="The cards that residents wait for."),
                Permission.CARD_BATCH,
            ),
            Entry(
                "/console/imports",
                Text(fr="Anciens fichiers", en="Old files"),
                Text(
                    fr="Faire entrer les abonnés, foyers et organismes d’un ancien logiciel.",
                    en="Bring in the members, households and organisations of an older program.",
                ),
                Permission.PEOPLE_IMPORT,
            ),
            JOURNAL,
            PURGES,
            Entry(
                "/console/jobs",
                Text(fr="Tâches de fond", en="Jobs of the background"),
                Text(fr="Ce que le programme fait seul, et comment.", en="What the program does by itself, and how."),
                Permission.AGENT_MANAGE,
            ),
        ),
    ),
)
"""A new screen adds its entry to its group here, and its routes to `FAMILIES` in `admin/front.py`."""

SEARCH: Entry | None = PEOPLE
"""The page that the search box of every page asks (`?q=`); without one there is no box."""


def for_agent(agent: Agent) -> list[Group]:
    """Return what an agent may go to; groups without anything for them are left out."""
    groups = (Group(group.name, tuple(each for each in group.entries if each.is_for(agent))) for group in NAVIGATION)
    return [group for group in groups if group.entries]


def search_for(agent: Agent) -> str:
    """Return the address of the search, where there is one that this agent may use."""
    return SEARCH.path if SEARCH is not None and SEARCH.is_for(agent) else ""
