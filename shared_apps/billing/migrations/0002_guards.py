"""A subscription moves along the table of transitions only, each move has its row, and those rows stay as they are."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION billing_check_subscription() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state NOT IN ('trialing', 'active') OR NEW.revision <> 1 THEN
            RAISE EXCEPTION 'a subscription cannot begin as %', NEW.state USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF NEW.tenant_id <> OLD.tenant_id OR OLD.stripe_id <> '' AND NEW.stripe_id <> OLD.stripe_id THEN
        RAISE EXCEPTION 'a subscription stays what it is one of' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NEW.revision NOT IN (OLD.revision, OLD.revision + 1) THEN
        RAISE EXCEPTION 'revisions are counted one by one' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NEW.state = OLD.state THEN
        RETURN NEW;
    END IF;
    IF (OLD.state, NEW.state) NOT IN (
        ('trialing', 'active'), ('trialing', 'past_due'), ('trialing', 'grace'), ('trialing', 'paused'),
        ('trialing', 'cancelled'),
        ('active', 'trialing'), ('active', 'past_due'), ('active', 'paused'), ('active', 'cancelled'),
        ('past_due', 'trialing'), ('past_due', 'active'), ('past_due', 'grace'), ('past_due', 'paused'),
        ('past_due', 'cancelled'),
        ('grace', 'trialing'), ('grace', 'active'), ('grace', 'suspended'), ('grace', 'paused'), ('grace', 'cancelled'),
        ('suspended', 'trialing'), ('suspended', 'active'), ('suspended', 'cancelled'),
        ('paused', 'trialing'), ('paused', 'active'), ('paused', 'past_due'), ('paused', 'cancelled')
    ) OR NEW.revision <> OLD.revision + 1 THEN
        RAISE EXCEPTION 'a subscription cannot go from % to %', OLD.state, NEW.state
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER billing_subscription_moves BEFORE INSERT OR UPDATE ON billing_subscription
    FOR EACH ROW EXECUTE FUNCTION billing_check_subscription();

CREATE FUNCTION billing_require_transition() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- At the end of the transaction, when both rows are there, or, of an erased organization, neither.
    IF EXISTS (SELECT FROM public.billing_subscription WHERE id = NEW.id) AND NOT EXISTS (
        SELECT FROM public.billing_transition WHERE subscription_id = NEW.id AND revision = NEW.revision AND to_state = NEW.state
    ) THEN
        RAISE EXCEPTION 'each move of a subscription says why' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER billing_beginning_says_why AFTER INSERT ON billing_subscription
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION billing_require_transition();
CREATE CONSTRAINT TRIGGER billing_move_says_why AFTER UPDATE ON billing_subscription
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state)
    EXECUTE FUNCTION billing_require_transition();

CREATE FUNCTION billing_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what happened stays written: % refused', TG_OP USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER billing_transition_is_final BEFORE UPDATE ON billing_transition
    FOR EACH ROW EXECUTE FUNCTION billing_refuse_change();

CREATE FUNCTION billing_check_command() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'open' OR NEW.idempotency_key <> OLD.idempotency_key OR NEW.kind <> OLD.kind
        OR NEW.parameters <> OLD.parameters OR NEW.tenant_id <> OLD.tenant_id THEN
        RAISE EXCEPTION 'a command is asked as it was written, and settled once'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER billing_command_is_final BEFORE UPDATE ON billing_billingcommand
    FOR EACH ROW EXECUTE FUNCTION billing_check_command();
"""
BACKWARD = """
DROP TRIGGER billing_command_is_final ON billing_billingcommand;
DROP FUNCTION billing_check_command();
DROP TRIGGER billing_transition_is_final ON billing_transition;
DROP FUNCTION billing_refuse_change();
DROP TRIGGER billing_move_says_why ON billing_subscription;
DROP TRIGGER billing_beginning_says_why ON billing_subscription;
DROP FUNCTION billing_require_transition();
DROP TRIGGER billing_subscription_moves ON billing_subscription;
DROP FUNCTION billing_check_subscription();
"""


class Migration(migrations.Migration):
    dependencies = [("billing", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
