from django.db import migrations, models

# Beside the doors without the last two, which code of the version before goes through.
OPENED = """
CREATE FUNCTION doors.publish_event(message uuid, event_type text, handler text, payload jsonb, published_at timestamptz,
    request_id text, actor text)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $door$
DECLARE
    tenant uuid := doors.calling_tenant();
BEGIN
    INSERT INTO public.outbox_message
        (id, tenant_id, event_type, handler, payload, state, attempts, lost_leases,
         available_at, lease_owner, lease_token, last_error, created_at, shard, request_id, actor)
    VALUES (message, tenant, event_type, handler, payload, 'pending', 0, 0,
            published_at, '', 0, '', published_at, doors.shard_of(tenant), left(request_id, 64), left(actor, 64));
END
$door$;
CREATE FUNCTION doors.enqueue_job(message uuid, job_type text, handler text, payload jsonb, enqueued_at timestamptz,
    begins_at timestamptz, ends_at timestamptz, job_key text, job_priority smallint, is_long boolean,
    request_id text, actor text)
RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $door$
DECLARE
    tenant uuid := doors.calling_tenant();
    kept uuid;
BEGIN
    -- The row that has the key may be purged between the two statements: then the key is free, and the new job is the first.
    LOOP
        INSERT INTO public.outbox_message
            (id, tenant_id, event_type, handler, payload, state, attempts, lost_leases, available_at, lease_owner, lease_token,
             last_error, created_at, shard, priority, key, deadline_at, request_id, actor)
        VALUES (message, tenant, job_type, handler, payload, 'pending', 0, 0, begins_at, '', 0,
                '', enqueued_at, CASE WHEN is_long THEN 17 ELSE doors.shard_of(tenant) END, job_priority, job_key, ends_at,
                left(request_id, 64), left(actor, 64))
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
PUBLISH = "doors.publish_event(uuid, text, text, jsonb, timestamptz, text, text)"
ENQUEUE = (
    "doors.enqueue_job(uuid, text, text, jsonb, timestamptz, timestamptz, timestamptz, text, smallint, boolean, text, text)"
)
GRANTED = f"""
REVOKE ALL ON FUNCTION {PUBLISH}, {ENQUEUE} FROM PUBLIC;
GRANT EXECUTE ON FUNCTION {PUBLISH}, {ENQUEUE} TO PUBLIC;
"""
SHUT = f"DROP FUNCTION {PUBLISH}, {ENQUEUE}"


class Migration(migrations.Migration):
    dependencies = [("outbox", "0006_keyed_jobs")]

    operations = [
        migrations.AddField("outboxmessage", "request_id", models.CharField(max_length=64, blank=True, db_default="")),
        migrations.AddField("outboxmessage", "actor", models.CharField(max_length=64, blank=True, db_default="")),
        migrations.RunSQL(OPENED + GRANTED, SHUT),
    ]
