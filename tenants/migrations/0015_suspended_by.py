"""On whose words an organization is suspended: filled in for those that are, by what is still open there."""

from __future__ import annotations

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tenants", "0014_keeps_bookings")]
    operations = [
        migrations.AddField(
            model_name="tenant",
            name="suspended_by",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=12),
                blank=True,
                db_default=models.Value([], django.contrib.postgres.fields.ArrayField(models.CharField(max_length=12))),
                default=list,
                size=None,
            ),
        ),
        # A row each for what is out of service: few, and before anybody reads the column.
        migrations.RunSQL(
            """
            UPDATE tenants_tenant SET suspended_by = ARRAY[CASE WHEN keeps_bookings THEN 'billing' ELSE 'operator' END]
            WHERE status = 'suspended' OR (status = 'closing' AND closed_from = 'suspended')
            """,
            migrations.RunSQL.noop,
        ),
    ]
