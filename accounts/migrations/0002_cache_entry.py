"""The table in which sign-in's throttle counts where there is no Redis (Django's own cache)."""

from django.db import migrations


class Migration(migrations.Migration):
    """Written here, and not by `createcachetable`, so that `migrate` is all an operator runs."""

    dependencies = [("accounts", "0001_initial")]

    operations = [
        migrations.RunSQL(
            sql="""
                CREATE TABLE cache_entry (
                    cache_key varchar(255) PRIMARY KEY,
                    value text NOT NULL,
                    expires timestamptz NOT NULL
                );
                CREATE INDEX cache_entry_expires ON cache_entry (expires);
            """,
            reverse_sql="DROP TABLE cache_entry;",
        )
    ]
