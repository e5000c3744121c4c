from django.db import migrations

# A tenant's role has no right on the outbox. This function, the owner's, writes for it, and takes the tenant from the role
# that the caller stands in: nobody can publish in another's name. Whoever may write the table itself is the platform.
DOOR = """
CREATE FUNCTION doors.publish_event(message uuid, event_type text, handler text, payload jsonb, published_at timestamptz)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $door$
DECLARE
    -- Not current_user: within this function that is the owner.
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
REVOKE ALL ON FUNCTION doors.publish_event FROM PUBLIC;
GRANT EXECUTE ON FUNCTION doors.publish_event TO PUBLIC;
"""
SHUT = "DROP FUNCTION doors.publish_event"


class Migration(migrations.Migration):
    dependencies = [("outbox", "0001_initial")]

    operations = [migrations.RunSQL(DOOR, SHUT)]
