"""Entries of a subscription and currency are a chain: each begins where the last one ended, later, and stays as it is."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION business_check_chain() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE last record;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        RAISE EXCEPTION 'what was earned stays written' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    SELECT after_minor, at INTO last FROM public.business_mrrentry
        WHERE subscription_id = NEW.subscription_id AND currency = NEW.currency ORDER BY number DESC LIMIT 1;
    IF NEW.before_minor <> coalesce(last.after_minor, 0) OR NEW.at < last.at OR NEW.number <> 1 + (
        SELECT coalesce(max(number), 0) FROM public.business_mrrentry WHERE subscription_id = NEW.subscription_id
    ) THEN
        RAISE EXCEPTION 'an entry goes on from the last one' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER business_entries_are_a_chain BEFORE INSERT OR UPDATE ON business_mrrentry
    FOR EACH ROW EXECUTE FUNCTION business_check_chain();
"""
BACKWARD = """
DROP TRIGGER business_entries_are_a_chain ON business_mrrentry;
DROP FUNCTION business_check_chain();
"""


class Migration(migrations.Migration):
    dependencies = [("business", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
