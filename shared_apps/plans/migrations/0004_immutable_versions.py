"""A published version and its parts never change; what is current, or held, is a published version of the right plan."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION plans_check_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' AND OLD.published_at IS NOT NULL THEN
        RAISE EXCEPTION 'a published version never changes: % refused', TG_OP USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    IF jsonb_typeof(NEW.entitlements) <> 'object' OR EXISTS (
        SELECT FROM jsonb_each(NEW.entitlements) AS e(code, value) WHERE NOT CASE jsonb_typeof(e.value)
            WHEN 'boolean' THEN true WHEN 'null' THEN true
            WHEN 'number' THEN e.value::numeric >= 0 AND e.value::numeric = trunc(e.value::numeric)
            ELSE false END
    ) THEN
        RAISE EXCEPTION 'an entitlement is a switch, a whole number or null' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER plans_version_is_final BEFORE INSERT OR UPDATE OR DELETE ON plans_planversion
    FOR EACH ROW EXECUTE FUNCTION plans_check_version();

CREATE FUNCTION plans_require_draft(version bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    published timestamptz;
BEGIN
    -- Held until the end: nobody publishes it while it gets another price.
    SELECT published_at INTO published FROM public.plans_planversion WHERE id = version FOR SHARE;
    IF published IS NOT NULL THEN
        RAISE EXCEPTION 'a published version never changes, nor do its parts' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
END $$;
CREATE FUNCTION plans_check_part() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        PERFORM public.plans_require_draft(OLD.version_id);
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    PERFORM public.plans_require_draft(NEW.version_id);
    RETURN NEW;
END $$;
CREATE TRIGGER plans_price_of_draft BEFORE INSERT OR UPDATE OR DELETE ON plans_planprice
    FOR EACH ROW EXECUTE FUNCTION plans_check_part();
CREATE TRIGGER plans_quota_of_draft BEFORE INSERT OR UPDATE OR DELETE ON plans_planquota
    FOR EACH ROW EXECUTE FUNCTION plans_check_part();
CREATE FUNCTION plans_check_overage() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        PERFORM public.plans_require_draft((SELECT version_id FROM public.plans_planquota WHERE id = OLD.quota_id));
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    PERFORM public.plans_require_draft((SELECT version_id FROM public.plans_planquota WHERE id = NEW.quota_id));
    RETURN NEW;
END $$;
CREATE TRIGGER plans_overage_of_draft BEFORE INSERT OR UPDATE OR DELETE ON plans_overageprice
    FOR EACH ROW EXECUTE FUNCTION plans_check_overage();

CREATE FUNCTION plans_check_current() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.current_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM public.plans_planversion WHERE id = NEW.current_id AND plan_id = NEW.id AND published_at IS NOT NULL
    ) THEN
        RAISE EXCEPTION 'what is current is a published version of this plan' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER plans_current_is_published BEFORE INSERT OR UPDATE OF current_id ON plans_plan
    FOR EACH ROW EXECUTE FUNCTION plans_check_current();

CREATE FUNCTION plans_check_held() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM public.plans_planversion v JOIN public.plans_plan p ON p.id = v.plan_id
        WHERE v.id = NEW.version_id AND p.id = NEW.add_on_id AND p.kind = 'add_on' AND v.published_at IS NOT NULL
    ) THEN
        RAISE EXCEPTION 'what is held is a published version of an add-on' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER plans_held_is_published BEFORE INSERT OR UPDATE ON plans_tenantaddon
    FOR EACH ROW EXECUTE FUNCTION plans_check_held();
"""
BACKWARD = """
DROP TRIGGER plans_held_is_published ON plans_tenantaddon;
DROP FUNCTION plans_check_held();
DROP TRIGGER plans_current_is_published ON plans_plan;
DROP FUNCTION plans_check_current();
DROP TRIGGER plans_overage_of_draft ON plans_overageprice;
DROP FUNCTION plans_check_overage();
DROP TRIGGER plans_quota_of_draft ON plans_planquota;
DROP TRIGGER plans_price_of_draft ON plans_planprice;
DROP FUNCTION plans_check_part();
DROP FUNCTION plans_require_draft(bigint);
DROP TRIGGER plans_version_is_final ON plans_planversion;
DROP FUNCTION plans_check_version();
"""


class Migration(migrations.Migration):
    dependencies = [("plans", "0003_first_versions")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
