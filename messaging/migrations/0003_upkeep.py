"""What keeps the tables of messaging from growing without end, and light to write."""

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models
from django.db.migrations.operations.base import Operation

LIGHTER = """
-- The engine writes messages under their contact's lane, and whoever deletes or joins contacts
-- holds it too; a template that is gone is told of when its message would be rendered. So keys that
-- are checked for every row guard against nobody. A contact's messages still go with it.
ALTER TABLE message DROP CONSTRAINT message_contact, DROP CONSTRAINT message_template_id_fkey;
CREATE FUNCTION contact_takes_its_messages() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM message m USING gone g WHERE m.lane = g.lane AND m.contact_id = g.id;
    RETURN NULL;
END $$;
CREATE TRIGGER contact_gone_messages AFTER DELETE ON contact REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION contact_takes_its_messages();
CREATE FUNCTION template_leaves_its_messages() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE message m SET template_id = NULL FROM gone g WHERE m.template_id = g.id;
    RETURN NULL;
END $$;
CREATE TRIGGER template_gone AFTER DELETE ON template REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION template_leaves_its_messages();
"""

HEAVIER = """
DROP TRIGGER contact_gone_messages ON contact;
DROP TRIGGER template_gone ON template;
DROP FUNCTION contact_takes_its_messages, template_leaves_its_messages;
ALTER TABLE message
    ADD CONSTRAINT message_contact FOREIGN KEY (lane, contact_id)
        REFERENCES contact (lane, id) ON DELETE CASCADE,
    ADD CONSTRAINT message_template_id_fkey FOREIGN KEY (template_id)
        REFERENCES template (id) ON DELETE SET NULL;
"""


class Migration(migrations.Migration):
    """What keeps the tables of messaging from growing without end, and light to write."""

    dependencies: ClassVar[list[tuple[str, str]]] = [
        ("messaging", "0002_channels"),
        ("contacts", "0003_upkeep"),
    ]

    operations: ClassVar[list[Operation]] = [
        migrations.RunSQL(
            LIGHTER,
            HEAVIER,
            state_operations=[
                migrations.AlterField(
                    model_name="message",
                    name="template",
                    field=models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="messages",
                        to="messaging.template",
                    ),
                ),
            ],
        )
    ]
