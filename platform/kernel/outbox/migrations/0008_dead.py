from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class AddIndexWhereTheTableIs(AddIndexConcurrently):
    """Built without holding up whoever publishes.

    Django's own refuses to be in a transaction even where, as in a tenant's schema, it would do nothing.
    """

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        if self.allow_migrate_model(schema_editor.connection.alias, to_state.apps.get_model(app_label, self.model_name)):
            super().database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        if self.allow_migrate_model(schema_editor.connection.alias, from_state.apps.get_model(app_label, self.model_name)):
            super().database_backwards(app_label, schema_editor, from_state, to_state)


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("outbox", "0007_origin")]

    operations = [
        AddIndexWhereTheTableIs(
            "outboxmessage",
            models.Index(fields=["shard", "tenant_id"], condition=models.Q(("state", "dead")), name="outbox_dead"),
        ),
    ]
