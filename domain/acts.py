"""What agents do with personal data: one closed list, in the words of whoever reads the journal.

Reading is an act as changing is. An act that is missing here cannot be journalled, and a route that shows or changes
somebody's data without one does not pass the tests.
"""

from enum import StrEnum

from domain.text import Text


class Act(StrEnum):
    """What was done, as the journal keeps it: never renamed, for what is written stays."""

    PERSON_SEARCHED = "person.searched"
    FILE_SHOWN = "file.shown"
    ERASURE_FORESEEN = "person.erasure-foreseen"
    PERSON_ERASED = "person.erased"
    PASS_SHOWN = "pass.shown"
    PASS_ISSUED = "pass.issued"
    PASS_SUSPENDED = "pass.suspended"
    PASS_RESUMED = "pass.resumed"
    PASS_ENDED = "pass.ended"
    PASS_PRINTED = "pass.printed"
    PASS_EXPLAINED = "pass.explained"
    OFFERS_SHOWN = "offers.shown"
    MEDIA_LISTED = "media.listed"
    MEDIUM_HISTORY_SHOWN = "medium.history-shown"
    MEDIUM_INSPECTED = "medium.inspected"
    MEDIUM_BLOCKED = "medium.blocked"
    MEDIUM_RESUMED = "medium.resumed"
    MEDIUM_REPLACED = "medium.replaced"
    CARD_ENROLLED = "card.enrolled"
    PHONE_BOUND = "phone.bound"
    EXTERNAL_CARD_ENROLLED = "external-card.enrolled"
    CARD_SHOWN = "card.shown"
    CARD_BOUND = "card.bound"
    CARD_UNBOUND = "card.unbound"
    CARD_DISCARDED = "card.discarded"
    DUES_LISTED = "dues.listed"
    BILLS_LISTED = "bills.listed"
    BILL_SETTLED = "bill.settled"
    BATCH_ORDERED = "batch.ordered"
    BATCH_SHOWN = "batch.shown"
    BATCH_SENT = "batch.sent"
    BATCH_REPORTED = "batch.reported"
    BATCH_DELIVERED = "batch.delivered"
    BATCH_CANCELLED = "batch.cancelled"
    CARD_ORDERS_LISTED = "card-orders.listed"
    CARD_TERMS_CHANGED = "card-terms.changed"
    HOUSEHOLD_FOUNDED = "household.founded"
    HOUSEHOLD_SHOWN = "household.shown"
    HOUSEHOLD_SPLIT = "household.split"
    ORGANISATION_REGISTERED = "organisation.registered"
    ORGANISATION_SHOWN = "organisation.shown"
    MEMBER_JOINED = "member.joined"
    MEMBER_LEFT = "member.left"
    GUARDIANS_LISTED = "guardians.listed"
    GUARDIAN_APPOINTED = "guardian.appointed"
    GUARDIANSHIP_ENDED = "guardianship.ended"
    RIGHTS_LISTED = "rights.listed"
    RIGHT_GRANTED = "right.granted"
    RIGHT_ENDED = "right.ended"
    CIRCUMSTANCES_LISTED = "circumstances.listed"
    CIRCUMSTANCE_CHANGED = "circumstance.changed"
    CIRCUMSTANCE_ENDED = "circumstance.ended"
    SERVICE_SUSPENDED = "service.suspended"
    SERVICE_RESUMED = "service.resumed"
    SALE_CANCELLED = "sale.cancelled"
    PASSAGES_LISTED = "passages.listed"
    PASSAGES_EXPORTED = "passages.exported"
    LET_IN = "passage.let-in"
    DEPOSIT_TAKEN = "passage.deposit-taken"
    PASSAGE_CANCELLED = "passage.cancelled"
    OVERRIDES_COUNTED = "overrides.counted"
    HEADS_COUNTED = "heads.counted"
    OFFLINE_REVIEWED = "offline.reviewed"
    LINE_SHOWN = "line.shown"
    LINE_TAKEN_IN = "line.taken-in"
    LINE_DROPPED = "line.dropped"
    LETTER_SHOWN = "letter.shown"
    LETTER_SENT_AGAIN = "letter.sent-again"
    LETTER_DISCARDED = "letter.discarded"
    AGENTS_LISTED = "agents.listed"
    AGENT_SHOWN = "agent.shown"
    AGENT_TAKEN_ON = "agent.taken-on"
    ROLE_GIVEN = "agent.role-given"
    ROLE_WITHDRAWN = "agent.role-withdrawn"
    AGENT_CLOSED = "agent.closed"
    AGENT_REOPENED = "agent.reopened"
    AGENT_RESET = "agent.reset"
    IDENTITY_ATTACHED = "agent.identity-attached"
    IDENTITY_REMOVED = "agent.identity-removed"
    PASSKEY_ADDED = "agent.passkey-added"
    PASSKEY_REMOVED = "agent.passkey-removed"
    PASSKEY_SUSPECTED = "agent.passkey-suspected"
    TOKEN_MADE = "agent.token-made"
    TOKEN_REVOKED = "agent.token-revoked"
    REQUESTS_LISTED = "requests.listed"
    REQUEST_SHOWN = "request.shown"
    REQUEST_ENTERED = "request.entered"
    REQUEST_CORRECTED = "request.corrected"
    REQUEST_TAKEN = "request.taken"
    REQUEST_ASSIGNED = "request.assigned"
    REQUEST_ASKED = "request.asked"
    REQUEST_ANSWERED = "request.answered"
    REQUEST_APPROVED = "request.approved"
    REQUEST_REJECTED = "request.rejected"
    REQUEST_WITHDRAWN = "request.withdrawn"
    REQUEST_PRINTED = "request.printed"
    DOCUMENT_ADDED = "document.added"
    DOCUMENT_OPENED = "document.opened"
    DOCUMENT_CHECKED = "document.checked"
    PHOTO_TAKEN = "photo.taken"
    PHOTO_REMOVED = "photo.removed"
    PHOTOS_LISTED = "photos.listed"
    PHOTO_ACCEPTED = "photo.accepted"
    PHOTO_REFUSED = "photo.refused"
    ACCOUNT_SHOWN = "account.shown"
    ACCOUNT_CODE_GIVEN = "account.code-given"
    ACCOUNT_UNLINKED = "account.unlinked"
    IMPORT_SHOWN = "import.shown"
    IMPORT_PREPARED = "import.prepared"
    IMPORT_STARTED = "import.started"
    PEOPLE_IMPORTED = "import.finished"
    DEVICE_WRITTEN = "device.written"
    DEVICES_IMPORTED = "device.imported"
    DEVICE_KEPT_BACK = "device.kept-back"
    DEVICE_SHOWN_AGAIN = "device.shown-again"
    INSTALLATION_CARRIED_OUT = "installation.carried-out"
    INSTALLATION_CARRIED_IN = "installation.carried-in"
    JOURNAL_SEARCHED = "journal.searched"
    JOURNAL_PURGED = "journal.purged"


ACTS: dict[Act, Text] = {
    Act.PERSON_SEARCHED: Text(fr="A cherché une personne", en="Searched for somebody"),
    Act.FILE_SHOWN: Text(fr="A ouvert un dossier", en="Opened a file"),
    Act.ERASURE_FORESEEN: Text(fr="A regardé ce qu’un effacement emporterait", en="Looked what an erasure would take"),
    Act.PERSON_ERASED: Text(fr="A effacé une personne", en="Erased somebody"),
    Act.PASS_SHOWN: Text(fr="A consulté un pass", en="Looked at a pass"),
    Act.PASS_ISSUED: Text(fr="A délivré un pass", en="Issued a pass"),
    Act.PASS_SUSPENDED: Text(fr="A suspendu un pass", en="Suspended a pass"),
    Act.PASS_RESUMED: Text(fr="A remis un pass en service", en="Put a pass back in use"),
    Act.PASS_ENDED: Text(fr="A mis fin à un pass", en="Ended a pass"),
    Act.PASS_PRINTED: Text(fr="A imprimé une carte", en="Printed a card"),
    Act.PASS_EXPLAINED: Text(fr="A demandé pourquoi un pass ouvre ou non", en="Asked why a pass opens or not"),
    Act.OFFERS_SHOWN: Text(fr="A consulté les offres d’un pass", en="Looked at the offers for a pass"),
    Act.MEDIA_LISTED: Text(fr="A consulté les supports d’un pass", en="Looked at the media of a pass"),
    Act.MEDIUM_HISTORY_SHOWN: Text(fr="A consulté l’histoire d’un support", en="Looked at the past of a medium"),
    Act.MEDIUM_INSPECTED: Text(fr="A examiné un code ou une carte", en="Inspected a code or a card"),
    Act.MEDIUM_BLOCKED: Text(fr="A bloqué un support", en="Stopped a medium"),
    Act.MEDIUM_RESUMED: Text(fr="A remis un support en service", en="Put a medium back in use"),
    Act.MEDIUM_REPLACED: Text(fr="A remplacé un support", en="Replaced a medium"),
    Act.CARD_ENROLLED: Text(fr="A enregistré une carte", en="Enrolled a card"),
    Act.PHONE_BOUND: Text(fr="A lié un téléphone", en="Bound a phone"),
    Act.EXTERNAL_CARD_ENROLLED: Text(fr="A enregistré une carte externe", en="Enrolled a card of others"),
    Act.CARD_SHOWN: Text(fr="A consulté une carte de lot", en="Looked at a card of a batch"),
    Act.CARD_BOUND: Text(fr="A remis une carte de lot", en="Handed over a card of a batch"),
    Act.CARD_UNBOUND: Text(fr="A remis une carte en stock", en="Put a card back in the stock"),
    Act.CARD_DISCARDED: Text(fr="A retiré une carte de lot", en="Took a card of a batch out of use"),
    Act.DUES_LISTED: Text(fr="A listé les sommes dues", en="Listed what is due"),
    Act.BILLS_LISTED: Text(fr="A listé les passages facturés", en="Listed billed passages"),
    Act.BILL_SETTLED: Text(fr="A noté le règlement d’un passage", en="Wrote how a passage was settled"),
    Act.BATCH_ORDERED: Text(fr="A commandé un lot de cartes", en="Ordered a batch of cards"),
    Act.BATCH_SHOWN: Text(fr="A consulté un lot de cartes", en="Looked at a batch of cards"),
    Act.BATCH_SENT: Text(fr="A préparé le fichier d’un lot", en="Made the file of a batch"),
    Act.BATCH_REPORTED: Text(fr="A lu le compte rendu d’un lot", en="Read the report of a batch"),
    Act.BATCH_DELIVERED: Text(fr="A livré des cartes", en="Delivered cards"),
    Act.BATCH_CANCELLED: Text(fr="A annulé un lot de cartes", en="Cancelled a batch of cards"),
    Act.CARD_ORDERS_LISTED: Text(fr="A listé les cartes commandées", en="Listed the cards that residents ordered"),
    Act.CARD_TERMS_CHANGED: Text(
        fr="A changé les conditions des cartes commandées", en="Changed the terms of cards that residents order"
    ),
    Act.HOUSEHOLD_FOUNDED: Text(fr="A créé un foyer", en="Founded a household"),
    Act.HOUSEHOLD_SHOWN: Text(fr="A consulté un foyer", en="Looked at a household"),
    Act.HOUSEHOLD_SPLIT: Text(fr="A séparé un foyer", en="Split a household"),
    Act.ORGANISATION_REGISTERED: Text(fr="A inscrit une organisation", en="Registered an organisation"),
    Act.ORGANISATION_SHOWN: Text(fr="A consulté une organisation", en="Looked at an organisation"),
    Act.MEMBER_JOINED: Text(fr="A ajouté un membre", en="Added a member"),
    Act.MEMBER_LEFT: Text(fr="A retiré un membre", en="Removed a member"),
    Act.GUARDIANS_LISTED: Text(fr="A consulté qui agit pour qui", en="Looked at who acts for whom"),
    Act.GUARDIAN_APPOINTED: Text(fr="A désigné un représentant", en="Appointed a guardian"),
    Act.GUARDIANSHIP_ENDED: Text(fr="A mis fin à une représentation", en="Ended a guardianship"),
    Act.RIGHTS_LISTED: Text(fr="A consulté des droits", en="Looked at rights"),
    Act.RIGHT_GRANTED: Text(fr="A accordé un droit", en="Granted a right"),
    Act.RIGHT_ENDED: Text(fr="A mis fin à un droit", en="Ended a right"),
    Act.CIRCUMSTANCES_LISTED: Text(fr="A consulté une situation", en="Looked at circumstances"),
    Act.CIRCUMSTANCE_CHANGED: Text(fr="A modifié une situation", en="Changed circumstances"),
    Act.CIRCUMSTANCE_ENDED: Text(fr="A mis fin à une situation", en="Ended circumstances"),
    Act.SERVICE_SUSPENDED: Text(fr="A suspendu l’accès à un service", en="Kept somebody from a service"),
    Act.SERVICE_RESUMED: Text(fr="A rouvert l’accès à un service", en="Opened a service again"),
    Act.SALE_CANCELLED: Text(fr="A annulé une vente", en="Cancelled a sale"),
    Act.PASSAGES_LISTED: Text(fr="A consulté des passages", en="Looked at passages"),
    Act.PASSAGES_EXPORTED: Text(fr="A exporté les passages", en="Exported the passages"),
    Act.LET_IN: Text(fr="A fait entrer quelqu’un", en="Let somebody in"),
    Act.DEPOSIT_TAKEN: Text(fr="A accepté un dépôt", en="Took a deposit"),
    Act.PASSAGE_CANCELLED: Text(fr="A annulé un passage", en="Took a passage back"),
    Act.OVERRIDES_COUNTED: Text(fr="A compté les passages forcés", en="Counted overrides"),
    Act.HEADS_COUNTED: Text(fr="A rectifié le nombre de présents", en="Put the count of people inside right"),
    Act.OFFLINE_REVIEWED: Text(fr="A revu les passages hors ligne", en="Reviewed offline passages"),
    Act.LINE_SHOWN: Text(fr="A consulté une ligne en attente", en="Looked at a quarantined line"),
    Act.LINE_TAKEN_IN: Text(fr="A repris une ligne en attente", en="Took a quarantined line in"),
    Act.LINE_DROPPED: Text(fr="A abandonné une ligne en attente", en="Dropped a quarantined line"),
    Act.LETTER_SHOWN: Text(fr="A lu un message de capteur mis de côté", en="Read a message of a device put aside"),
    Act.LETTER_SENT_AGAIN: Text(fr="A rejoué des messages de capteurs", en="Sent messages of devices again"),
    Act.LETTER_DISCARDED: Text(fr="A supprimé des messages de capteurs", en="Discarded messages of devices"),
    Act.AGENTS_LISTED: Text(fr="A consulté la liste des agents", en="Listed the agents"),
    Act.AGENT_SHOWN: Text(fr="A consulté le compte d’un agent", en="Looked at an agent’s account"),
    Act.AGENT_TAKEN_ON: Text(fr="A créé le compte d’un agent", en="Made an agent’s account"),
    Act.ROLE_GIVEN: Text(fr="A donné un rôle à un agent", en="Gave an agent a role"),
    Act.ROLE_WITHDRAWN: Text(fr="A retiré un rôle à un agent", en="Took a role from an agent"),
    Act.AGENT_CLOSED: Text(fr="A fermé le compte d’un agent", en="Closed an agent’s account"),
    Act.AGENT_REOPENED: Text(fr="A rouvert le compte d’un agent", en="Opened an agent’s account again"),
    Act.AGENT_RESET: Text(fr="A réinitialisé l’accès d’un agent", en="Reset an agent’s access"),
    Act.IDENTITY_ATTACHED: Text(fr="A rattaché une identité à un agent", en="Attached an identity to an agent"),
    Act.IDENTITY_REMOVED: Text(fr="A détaché une identité d’un agent", en="Removed an identity from an agent"),
    Act.PASSKEY_ADDED: Text(fr="A ajouté une clé d’accès", en="Added a passkey"),
    Act.PASSKEY_REMOVED: Text(fr="A retiré une clé d’accès", en="Removed a passkey"),
    Act.PASSKEY_SUSPECTED: Text(fr="S’est vu refuser une clé d’accès douteuse", en="Was refused by a doubtful passkey"),
    Act.TOKEN_MADE: Text(fr="A créé un jeton pour un programme", en="Made a token for a program"),
    Act.TOKEN_REVOKED: Text(fr="A révoqué un jeton de programme", en="Revoked a token of a program"),
    Act.REQUESTS_LISTED: Text(fr="A consulté la liste des demandes", en="Looked at the list of requests"),
    Act.REQUEST_SHOWN: Text(fr="A ouvert une demande", en="Opened a request"),
    Act.REQUEST_ENTERED: Text(fr="A saisi une demande", en="Wrote down a request"),
    Act.REQUEST_CORRECTED: Text(fr="A corrigé une demande", en="Corrected a request"),
    Act.REQUEST_TAKEN: Text(fr="A pris une demande en charge", en="Took a request"),
    Act.REQUEST_ASSIGNED: Text(fr="A confié ou remis une demande", en="Gave a request to somebody, or back"),
    Act.REQUEST_ASKED: Text(fr="A demandé un complément", en="Asked for more"),
    Act.REQUEST_ANSWERED: Text(fr="A noté la réponse de l’usager", en="Took in an answer"),
    Act.REQUEST_APPROVED: Text(fr="A accepté une demande", en="Approved a request"),
    Act.REQUEST_REJECTED: Text(fr="A refusé une demande", en="Refused a request"),
    Act.REQUEST_WITHDRAWN: Text(fr="A retiré une demande", en="Took a request back"),
    Act.REQUEST_PRINTED: Text(fr="A imprimé un courrier de demande", en="Printed a letter of a request"),
    Act.DOCUMENT_ADDED: Text(fr="A ajouté un document", en="Added a document"),
    Act.DOCUMENT_OPENED: Text(fr="A ouvert un document", en="Opened a document"),
    Act.DOCUMENT_CHECKED: Text(fr="A vérifié un document", en="Checked a document"),
    Act.PHOTO_TAKEN: Text(fr="A pris une photo d’identité", en="Took somebody’s photo"),
    Act.PHOTOS_LISTED: Text(fr="A listé les photos à vérifier", en="Listed the photos to be looked at"),
    Act.PHOTO_ACCEPTED: Text(fr="A accepté une photo prise chez soi", en="Accepted a photo from home"),
    Act.PHOTO_REFUSED: Text(fr="A refusé une photo prise chez soi", en="Refused a photo from home"),
    Act.PHOTO_REMOVED: Text(fr="A supprimé une photo d’identité", en="Removed somebody’s photo"),
    Act.ACCOUNT_SHOWN: Text(fr="A regardé si quelqu’un a un compte", en="Looked whether somebody has an account"),
    Act.ACCOUNT_CODE_GIVEN: Text(fr="A remis un code pour un compte", en="Gave a code for an account"),
    Act.ACCOUNT_UNLINKED: Text(fr="A détaché quelqu’un de son compte", en="Took somebody from their account"),
    Act.IMPORT_SHOWN: Text(fr="A consulté l’import d’un fichier", en="Looked at the import of a file"),
    Act.IMPORT_PREPARED: Text(fr="A préparé l’import d’un fichier", en="Prepared the import of a file"),
    Act.IMPORT_STARTED: Text(fr="A lancé l’import d’un fichier", en="Started the import of a file"),
    Act.PEOPLE_IMPORTED: Text(fr="A fait entrer les personnes d’un fichier", en="Brought in the people of a file"),
    Act.DEVICE_WRITTEN: Text(fr="A inscrit ou modifié un capteur", en="Registered or changed a device"),
    Act.DEVICES_IMPORTED: Text(fr="A fait entrer un fichier de capteurs", en="Brought in a file of devices"),
    Act.DEVICE_KEPT_BACK: Text(fr="A retiré un capteur de la vue du public", en="Kept a device from residents"),
    Act.DEVICE_SHOWN_AGAIN: Text(
        fr="A montré de nouveau un capteur au public", en="Showed a device to residents again"
    ),
    Act.INSTALLATION_CARRIED_OUT: Text(
        fr="A écrit toute l’installation dans une archive", en="Wrote the whole installation into an archive"
    ),
    Act.INSTALLATION_CARRIED_IN: Text(
        fr="A installé tout le contenu d’une archive", en="Brought the whole content of an archive in"
    ),
    Act.JOURNAL_SEARCHED: Text(fr="A consulté le journal", en="Searched the journal"),
    Act.JOURNAL_PURGED: Text(
        fr="A effacé les lignes échues du journal", en="Erased entries of the journal at their end"
    ),
}
