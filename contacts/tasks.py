"""The jobs of contacts: imports, and their cleaning. The clock is read here, and handed down."""

from procrastinate.contrib.django import app

from common.clock import utcnow
from common.comebacks import AGAIN, database_is_away
from common.errors import MillraceError
from common.jobs import job_fail
from contacts.importing.models import ContactImport


@app.task(name="contacts.import", queue="imports", retry=AGAIN)
def import_contacts(job_id: str, import_id: int) -> None:
    """Import a file in pieces, going on where an earlier try was stopped."""
    from contacts.importing.reading import TooBroken
    from contacts.importing.running import import_run

    try:
        import_run(job_id, import_id, clock=utcnow)
    except Exception as error:
        if database_is_away(error):
            raise
        known = isinstance(error, MillraceError | TooBroken)
        said = str(error) if known else f"The import stopped: {error}"
        ContactImport.objects.filter(id=import_id).update(finished_at=utcnow())
        job_fail(job_id, error=said, now=utcnow())
        if not known:
            raise


@app.periodic(cron="17 * * * *")
@app.task(name="contacts.import_cleaning", queue="upkeep", queueing_lock="contacts.import_cleaning")
def clean_imports(timestamp: int) -> None:
    """Forget files and reports that were kept long enough."""
    from contacts.importing.services import imports_clean

    imports_clean(now=utcnow())
