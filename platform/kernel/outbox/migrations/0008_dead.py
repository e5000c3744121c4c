from django.db import migrations, models

# Built without holding up whoever publishes; see 0004.
DEAD = "CREATE INDEX CONCURRENTLY IF NOT EXISTS outbox_dead ON outbox_message (shard, tenant_id) WHERE state = 'dead'"
NO_DEAD = "DROP INDEX CONCURRENTLY IF EXISTS outbox_dead"


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("outbox", "0007_origin")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(DEAD, NO_DEAD)],
            state_operations=[
                migrations.AddIndex(
                    "outboxmessage",
                    models.Index(fields=["shard", "tenant_id"], condition=models.Q(("state", "dead")), name="outbox_dead"),
                ),
            ],
        ),
    ]
