from django.db import migrations, models

# Built without holding up whoever publishes, hence not as Django's own operations: those refuse to be in a transaction even
# where, as in a tenant's schema, they would do nothing. For ON CONFLICT an index is as good as a constraint.
WAITING = """
CREATE INDEX CONCURRENTLY IF NOT EXISTS outbox_waiting ON outbox_message (shard, tenant_id, priority, available_at)
WHERE state = 'pending'
"""
NOT_WAITING = "DROP INDEX CONCURRENTLY IF EXISTS outbox_waiting"
KEY = """
CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS outbox_key_once ON outbox_message (tenant_id, key) NULLS NOT DISTINCT
WHERE key <> ''
"""
NO_KEY = "DROP INDEX CONCURRENTLY IF EXISTS outbox_key_once"


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("outbox", "0003_jobs")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(WAITING, NOT_WAITING)],
            state_operations=[
                migrations.AddIndex(
                    "outboxmessage",
                    models.Index(
                        fields=["shard", "tenant_id", "priority", "available_at"],
                        condition=models.Q(("state", "pending")),
                        name="outbox_waiting",
                    ),
                ),
            ],
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
