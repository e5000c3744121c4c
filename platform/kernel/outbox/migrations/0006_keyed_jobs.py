from django.db import migrations

# The row that has the key may be purged between the two statements: then the key is free, and the new job is the first.
ENQUEUE = """
CREATE OR REPLACE FUNCTION doors.enqueue_job(message uuid, job_type text, handler text, payload jsonb, enqueued_at timestamptz,
    begins_at timestamptz, ends_at timestamptz, job_key text, job_priority smallint, is_long boolean)
RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $door$
DECLARE
    tenant uuid := doors.calling_tenant();
    kept uuid;
BEGIN
    LOOP
        INSERT INTO public.outbox_message
            (id, tenant_id, event_type, handler, payload, state, attempts, lost_leases, available_at, lease_owner, lease_token,
             last_error, created_at, shard, priority, key, deadline_at)
        VALUES (message, tenant, job_type, handler, payload, 'pending', 0, 0, begins_at, '', 0,
                '', enqueued_at, CASE WHEN is_long THEN 17 ELSE doors.shard_of(tenant) END, job_priority, job_key, ends_at)
        ON CONFLICT (tenant_id, key) WHERE key <> '' DO NOTHING
        RETURNING id INTO kept;
        EXIT WHEN kept IS NOT NULL;
        SELECT id INTO kept FROM public.outbox_message WHERE key = job_key AND tenant_id IS NOT DISTINCT FROM tenant;
        EXIT WHEN kept IS NOT NULL;
    END LOOP;
    RETURN kept;
END
$door$;
"""
ENQUEUE_BEFORE = """
CREATE OR REPLACE FUNCTION doors.enqueue_job(message uuid, job_type text, handler text, payload jsonb, enqueued_at timestamptz,
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
"""


class Migration(migrations.Migration):
    dependencies = [("outbox", "0005_parked")]

    operations = [migrations.RunSQL(ENQUEUE, ENQUEUE_BEFORE)]
