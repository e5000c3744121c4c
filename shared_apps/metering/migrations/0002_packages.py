"""Months are closed, and Stripe is told of packages beyond the included, under meters of their own.

What it was told before, each one used, was charged to nobody, and would count as packages here.
"""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("metering", "0001_initial")]

    operations = [
        migrations.AddField("monthusage", "included_most", models.BigIntegerField(null=True)),
        migrations.AddField("monthusage", "closed_at", models.DateTimeField(null=True)),
        migrations.RunSQL("DELETE FROM metering_reportedslice", migrations.RunSQL.noop, elidable=True),
        # Months that were over before anything was sold are charged to nobody.
        migrations.RunSQL(
            "UPDATE metering_monthusage SET closed_at = now() WHERE month_on < date_trunc('month', now() AT TIME ZONE 'UTC')",
            migrations.RunSQL.noop,
            elidable=True,
        ),
    ]
