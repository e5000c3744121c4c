from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

# A constraint would be built under a lock that holds up everybody who publishes; for ON CONFLICT an index is as good.
KEY = "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS outbox_key_once ON outbox_message (tenant_id, key) NULLS NOT DISTINCT WHERE key <> ''"
NO_KEY = "DROP INDEX CONCURRENTLY IF EXISTS outbox_key_once"


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("outbox", "0003_jobs")]

    operations = [
        AddIndexConcurrently(
            "outboxmessage",
            models.Index(
                fields=["shard", "tenant_id", "priority", "available_at"],
                condition=models.Q(("state", "pending")),
                name="outbox_waiting",
            ),
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(KEY, NO_KEY)],
            state_operations=[
                migrations.AddConstraint(
                    "outboxmessage",
                    models.UniqueConstraint(
                        fields=["tenant_id", "key"],
                        condition=~models.Q(("key", "")),
                        nulls_distinct=False,
                        name="outbox_key_once",
                    ),
                ),
            ],
        ),
    ]
