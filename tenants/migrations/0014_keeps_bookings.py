"""Whether a suspended organization still lets what is booked be seen and called off."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tenants", "0013_payment_notice")]
    operations = [
        migrations.AddField(
            model_name="tenant",
            name="keeps_bookings",
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]
