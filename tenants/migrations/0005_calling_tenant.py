from django.db import migrations

# Whose role it is stands in the registry: a restored schema, with a role of its own, may have taken the place of the first one.
BY_REGISTRY = """
CREATE OR REPLACE FUNCTION doors.calling_tenant() RETURNS uuid LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $door$
DECLARE
    caller text := coalesce(nullif(current_setting('role'), 'none'), session_user);
    tenant uuid;
BEGIN
    IF caller ~ '^t_[0-9a-f]{32}$' THEN
        SELECT id INTO tenant FROM public.tenants_tenant WHERE schema_name = caller;
        RETURN coalesce(tenant, substr(caller, 3)::uuid);
    ELSIF NOT has_table_privilege(caller, 'public.outbox_message', 'INSERT') THEN
        RAISE insufficient_privilege USING MESSAGE = format('%s may not put work into the outbox', caller);
    END IF;
    RETURN NULL;
END
$door$;
"""
BY_NAME = """
CREATE OR REPLACE FUNCTION doors.calling_tenant() RETURNS uuid LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $door$
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
"""


class Migration(migrations.Migration):
    dependencies = [("tenants", "0004_canonical_hosts"), ("outbox", "0006_keyed_jobs")]

    operations = [migrations.RunSQL(BY_REGISTRY, BY_NAME)]
