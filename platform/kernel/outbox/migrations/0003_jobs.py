from django.db import migrations, models

# The last hexadecimal digit, as kernel.outbox.shards.shard_of; 16 is the platform's own, 17 that of long jobs.
SHARD = """
CREATE FUNCTION doors.shard_of(tenant uuid) RETURNS smallint LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $door$
    SELECT CASE WHEN tenant IS NULL THEN 16 ELSE ('x' || right(tenant::text, 1))::bit(4)::int END::smallint
$door$;
REVOKE ALL ON FUNCTION doors.shard_of FROM PUBLIC;
"""
NO_SHARD = "DROP FUNCTION doors.shard_of"

# Whose work it is: the tenant of the role that the caller stands in. Not current_user: within a door that is the owner.
CALLER = """
CREATE FUNCTION doors.calling_tenant() RETURNS uuid LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $door$
DECLARE
    caller text := coalesce(nullif(current_setting('role'), 'none'), session_user);
BEGIN
    IF caller ~ '^t_[0-9a-f]{32}$' THEN
        RETURN substr(caller, 3)::uuid;
    ELSIF NOT has_table_privilege(caller, 'public.outbox_message', 'INSERT') THEN
        RAISE insufficient_privilege USING MESSAGE = format('%s may not put work into the outbox', caller);
    END IF;
    RETURN NULL;
END
$door$;
REVOKE ALL ON FUNCTION doors.calling_tenant FROM PUBLIC;
"""
NO_CALLER = "DROP FUNCTION doors.calling_tenant"

PUBLISH = """
CREATE OR REPLACE FUNCTION doors.publish_event(message uuid, event_type text, handler text, payload jsonb, published_at timestamptz)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $door$
DECLARE
    tenant uuid := doors.calling_tenant();
BEGIN
    INSERT INTO public.outbox_message
        (id, tenant_id, event_type, handler, payload, state, attempts, lost_leases,
         available_at, lease_owner, lease_token, last_error, created_at, shard)
    VALUES (message, tenant, event_type, handler, payload, 'pending', 0, 0,
            published_at, '', 0, '', published_at, doors.shard_of(tenant));
END
$door$;
"""
PUBLISH_BEFORE = """
CREATE OR REPLACE FUNCTION doors.publish_event(message uuid, event_type text, handler text, payload jsonb, published_at timestamptz)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $door$
DECLARE
    caller text := coalesce(nullif(current_setting('role'), 'none'), session_user);
    tenant uuid;
BEGIN
    IF caller ~ '^t_[0-9a-f]{32}$' THEN
        tenant := substr(caller, 3)::uuid;
    ELSIF NOT has_table_privilege(caller, 'public.outbox_message', 'INSERT') THEN
        RAISE insufficient_privilege USING MESSAGE = format('%s may not publish events', caller);
    END IF;
    INSERT INTO public.outbox_message
        (id, tenant_id, event_type, handler, payload, state, attempts, lost_leases,
         available_at, lease_owner, lease_token, last_error, created_at)
    VALUES (message, tenant, event_type, handler, payload, 'pending', 0, 0, published_at, '', 0, '', published_at);
END
$door$;
"""

# Returns the id of the job that has this key: the new one, or the one that was there first.
ENQUEUE = """
CREATE FUNCTION doors.enqueue_job(message uuid, job_type text, handler text, payload jsonb, enqueued_at timestamptz,
    begins_at timestamptz, ends_at timestamptz, job_key text, job_priority smallint, is_long boolean)
RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $door$
DECLARE
    tenant uuid := doors.calling_tenant();
    kept uuid;
BEGIN
    INSERT INTO public.outbox_message
        (id, tenant_id, event_type, handler, payload, state, attempts, lost_leases, available_at, lease_owner, lease_token,
         last_error, created_at, shard, priority, key, deadline_at)
    VALUES (message, tenant, job_type, handler, payload, 'pending', 0, 0, begins_at, '', 0,
            '', enqueued_at, CASE WHEN is_long THEN 17 ELSE doors.shard_of(tenant) END, job_priority, job_key, ends_at)
    ON CONFLICT (tenant_id, key) WHERE key <> '' DO NOTHING
    RETURNING id INTO kept;
    IF kept IS NULL THEN
        SELECT id INTO kept FROM public.outbox_message WHERE key = job_key AND tenant_id IS NOT DISTINCT FROM tenant;
    END IF;
    RETURN kept;
END
$door$;
REVOKE ALL ON FUNCTION doors.enqueue_job FROM PUBLIC;
GRANT EXECUTE ON FUNCTION doors.enqueue_job TO PUBLIC;
"""
NO_ENQUEUE = "DROP FUNCTION doors.enqueue_job"

# Holds the row to the end of the caller's transaction, so that no sweep takes the lease back before it commits.
HOLD = """
CREATE FUNCTION doors.hold_lease(message uuid, token bigint)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $door$
DECLARE
    tenant uuid := doors.calling_tenant();
BEGIN
    PERFORM FROM public.outbox_message m
    WHERE m.id = message AND m.state = 'leased' AND m.lease_token = token AND m.tenant_id IS NOT DISTINCT FROM tenant
    FOR NO KEY UPDATE;
    RETURN FOUND;
END
$door$;
REVOKE ALL ON FUNCTION doors.hold_lease FROM PUBLIC;
GRANT EXECUTE ON FUNCTION doors.hold_lease TO PUBLIC;
"""
NO_HOLD = "DROP FUNCTION doors.hold_lease"

# What waits already goes where new work goes; the table's default is the platform's.
SORT = (
    "UPDATE outbox_message SET shard = doors.shard_of(tenant_id) WHERE state IN ('pending', 'leased') AND tenant_id IS NOT NULL"
)


class Migration(migrations.Migration):
    dependencies = [("outbox", "0002_door")]

    operations = [
        migrations.AddField("outboxmessage", "shard", models.SmallIntegerField(db_default=16)),
        migrations.AddField(
            "outboxmessage",
            "priority",
            models.SmallIntegerField(choices=[(0, "prompt"), (1, "patient")], db_default=0),
        ),
        migrations.AddField("outboxmessage", "key", models.CharField(blank=True, db_default="", max_length=200)),
        migrations.AddField("outboxmessage", "deadline_at", models.DateTimeField(null=True)),
        migrations.AlterField(
            "outboxmessage",
            "state",
            models.CharField(
                choices=[
                    ("pending", "waiting"),
                    ("leased", "being handled"),
                    ("done", "done"),
                    ("dead", "given up"),
                    ("cancelled", "cancelled"),
                ],
                default="pending",
                max_length=10,
            ),
        ),
        migrations.RemoveConstraint("outboxmessage", "outbox_state_known"),
        migrations.AddConstraint(
            "outboxmessage",
            models.CheckConstraint(
                condition=models.Q(("state__in", ["pending", "leased", "done", "dead", "cancelled"])),
                name="outbox_state_known",
            ),
        ),
        migrations.CreateModel(
            name="Turn",
            fields=[
                ("tenant_id", models.UUIDField(primary_key=True, serialize=False)),
                ("served_at", models.DateTimeField(null=True)),
            ],
            options={"db_table": "outbox_turn"},
        ),
        migrations.RunSQL(SHARD, NO_SHARD),
        migrations.RunSQL(CALLER, NO_CALLER),
        migrations.RunSQL(PUBLISH, PUBLISH_BEFORE),
        migrations.RunSQL(ENQUEUE, NO_ENQUEUE),
        migrations.RunSQL(HOLD, NO_HOLD),
        migrations.RunSQL(SORT, migrations.RunSQL.noop),
    ]
