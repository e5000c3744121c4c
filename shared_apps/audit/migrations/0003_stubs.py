"""Of an organization that was erased, entries may lose whom and what they name; what was done, when, stays as it was written."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION audit_refuse_all_but_stubs() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Entries without an organization are of runs: of the time before there was one.
    IF (NEW.id, NEW.at, NEW.actor_kind, NEW.action) = (OLD.id, OLD.at, OLD.actor_kind, OLD.action)
        AND NEW.tenant_id IS NOT DISTINCT FROM OLD.tenant_id
        AND (NEW.target, NEW.reason, NEW.data) = ('', '', '{}'::jsonb)
        AND (NEW.actor_label = '' OR NEW.actor_label = OLD.actor_label AND OLD.actor_kind IN ('operator', 'system'))
        AND (OLD.tenant_id IS NOT NULL OR OLD.action LIKE 'run.%')
        AND NOT EXISTS (SELECT FROM public.tenants_tenant WHERE id = OLD.tenant_id AND status <> 'erased')
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'audit entries are append-only: % refused', TG_OP USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER audit_stubs_only BEFORE UPDATE ON audit_auditentry
    FOR EACH ROW EXECUTE FUNCTION audit_refuse_all_but_stubs();
-- Of statements, those that change rows are that trigger's to judge now.
CREATE OR REPLACE FUNCTION audit_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'audit entries are append-only: % refused', TG_OP USING ERRCODE = 'integrity_constraint_violation';
END $$;
"""
BACKWARD = """
CREATE OR REPLACE FUNCTION audit_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit entries are append-only: % refused', TG_OP USING ERRCODE = 'integrity_constraint_violation';
END $$;
DROP TRIGGER audit_stubs_only ON audit_auditentry;
DROP FUNCTION audit_refuse_all_but_stubs();
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_append_only"), ("tenants", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
