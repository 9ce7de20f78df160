"""The rows that migrations put into the database (the lanes, the workspace, built-in fields …).

A test that can see others' commits empties every table when it is over, and these rows with them.
They are kept in a schema of their own and put back after each such test. Tables that Django does
not manage (those of the job queue) it leaves as they are: they are emptied here.
"""

from django.db import connection

_MADE_BY_DJANGO = ("django_migrations", "django_content_type", "auth_permission")


def keep() -> None:
    """Copy every table that has rows, once, when the tests' database has been made."""
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA IF EXISTS standing CASCADE; CREATE SCHEMA standing")
        cursor.execute(
            "SELECT table_name FROM information_schema.tables"
            " WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
            " AND table_name <> ALL(%s)",
            [list(_MADE_BY_DJANGO)],
        )
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT EXISTS (SELECT 1 FROM public."{table}")')
            if cursor.fetchone() == (True,):
                cursor.execute(f'CREATE TABLE standing."{table}" AS TABLE public."{table}"')


def put_back() -> None:
    """Empty what Django has left full, and put the rows back where they are missing."""
    managed = connection.introspection.django_table_names(only_existing=True)
    with connection.cursor() as cursor:
        unmanaged = sorted(
            set(connection.introspection.table_names(cursor)) - {*managed, *_MADE_BY_DJANGO}
        )
        if unmanaged:
            cursor.execute("TRUNCATE " + ", ".join(f'public."{name}"' for name in unmanaged))
        cursor.execute(
            "SELECT s.table_name, string_agg(quote_ident(c.column_name), ', ')"
            " FROM information_schema.tables s JOIN information_schema.columns c"
            " ON c.table_schema = 'public' AND c.table_name = s.table_name"
            " AND c.is_generated = 'NEVER'"
            " WHERE s.table_schema = 'standing' GROUP BY s.table_name"
        )
        statements = [
            f'INSERT INTO public."{table}" ({columns})'
            f' SELECT {columns} FROM standing."{table}" ON CONFLICT DO NOTHING'
            for table, columns in cursor.fetchall()
        ]
        if statements:
            # No foreign key is checked while the tables are filled in any order.
            cursor.execute("SET session_replication_role = replica")
            cursor.execute(";".join(statements))
            cursor.execute("SET session_replication_role = origin")
