"""What can be wrong with imports of old files."""

from domain.errors.family import Conflict, Invalid, NotFound


class ImportNotFound(NotFound):
    """No import of this authority has this code."""

    code = "import-not-found"


class MappingNotFound(NotFound):
    """No mapping of columns is kept under this name."""

    code = "mapping-not-found"


class ImportMoved(Conflict):
    """What the import is now does not lead there: a file is described, checked, taken in, and in this order."""

    code = "import-moved"


class BadImportFile(Invalid):
    """The file is no table: not CSV and not XLSX, empty, too large, or without headings."""

    code = "bad-import-file"


class BadImportPlan(Invalid):
    """What is to be done with the file contradicts itself, or names a column that it does not have."""

    code = "bad-import-plan"
