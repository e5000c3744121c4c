"""The state machine in the database: whoever writes, a booking changes state only along the table of rules.TRANSITIONS."""

from django.db import migrations

# Nothing in here names a schema: the function and its trigger are made, and replayed, in whatever schema is first on
# the path, and the function reads no table. No percent sign either, which a replay with parameters would read as one.
# A test holds the table below against the one in the rules.
GUARD = """
CREATE FUNCTION bookings_refuse_transition() RETURNS trigger LANGUAGE plpgsql AS $guard$
BEGIN
    IF (OLD.status, NEW.status) NOT IN (
        ('held', 'pending'), ('held', 'confirmed'), ('held', 'expired'),
        ('pending', 'confirmed'), ('pending', 'declined'), ('pending', 'cancelled'), ('pending', 'expired'),
        ('confirmed', 'cancelled'), ('confirmed', 'completed'), ('confirmed', 'no_show'),
        ('completed', 'no_show'),
        ('no_show', 'completed')
    ) THEN
        RAISE EXCEPTION USING
            MESSAGE = 'A booking cannot go from ' || OLD.status || ' to ' || NEW.status || '.',
            ERRCODE = 'check_violation', CONSTRAINT = 'booking_transition', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END
$guard$;

CREATE TRIGGER booking_transition
    BEFORE UPDATE OF status ON bookings_booking
    FOR EACH ROW WHEN (OLD.status IS DISTINCT FROM NEW.status)
    EXECUTE FUNCTION bookings_refuse_transition();
"""

REVERSE = """
DROP TRIGGER booking_transition ON bookings_booking;
DROP FUNCTION bookings_refuse_transition();
"""


class Migration(migrations.Migration):
    dependencies = [("bookings", "0001_initial")]

    operations = [migrations.RunSQL(GUARD, REVERSE)]
