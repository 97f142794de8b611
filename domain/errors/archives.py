"""What can be wrong with an archive of an installation, or with where it is to be unpacked."""

from domain.errors.family import Conflict, Invalid


class ArchiveDamaged(Invalid):
    """The file is no archive of an installation, or is not as it was written."""

    code = "archive-damaged"


class ArchiveNotTaken(Conflict):
    """The database refuses a row of the archive."""

    code = "archive-not-taken"


class ArchiveOfAnotherSchema(Conflict):
    """The archive was written with another revision of the schema than this program's."""

    code = "archive-of-another-schema"


class ArchiveKeysMissing(Conflict):
    """The keyring lacks keys that the archive's installation had."""

    code = "archive-keys-missing"


class InstallationNotEmpty(Conflict):
    """There is something in the database already."""

    code = "installation-not-empty"
