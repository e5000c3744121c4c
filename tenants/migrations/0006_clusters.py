from django.db import migrations, models

DOOR = """
CREATE OR REPLACE FUNCTION doors.calling_tenant() RETURNS uuid LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $door$
DECLARE
    caller text := coalesce(nullif(current_setting('role'), 'none'), session_user);
    tenant uuid;
BEGIN
    IF caller ~ '^t_[0-9a-f]{32}$' THEN
        SELECT id INTO tenant FROM public.tenants_tenant WHERE schema_name = caller;%(otherwise)s
        RETURN coalesce(tenant, substr(caller, 3)::uuid);
    ELSIF NOT has_table_privilege(caller, 'public.outbox_message', 'INSERT') THEN
        RAISE insufficient_privilege USING MESSAGE = format('%%s may not put work into the outbox', caller);
    END IF;
    RETURN NULL;
END
$door$;
"""
# On a cluster without the registry's rows, `tenants_resident` says whose role it is.
OTHERWISE = """
        IF tenant IS NULL THEN
            SELECT tenant_id INTO tenant FROM public.tenants_resident WHERE schema_name = caller;
        END IF;"""


class Migration(migrations.Migration):
    dependencies = [("tenants", "0005_calling_tenant")]

    operations = [
        migrations.AddField("tenant", "database", models.CharField(db_default="default", default="default", max_length=30)),
        migrations.AddField("tenant", "writes_paused_at", models.DateTimeField(blank=True, null=True)),
        migrations.CreateModel(
            name="Resident",
            fields=[
                ("schema_name", models.CharField(max_length=63, primary_key=True, serialize=False)),
                ("tenant_id", models.UUIDField()),
            ],
            options={"abstract": False},
        ),
        migrations.RunSQL(DOOR % {"otherwise": OTHERWISE}, DOOR % {"otherwise": ""}),
    ]
