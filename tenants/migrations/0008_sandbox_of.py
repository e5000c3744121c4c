"""An organization may be the sandbox of another, and each has one at most."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tenants", "0007_traffic")]

    operations = [
        migrations.AddField(
            "tenant",
            "sandbox_of",
            models.ForeignKey(
                blank=True,
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="tenants.tenant",
            ),
        ),
        migrations.AddConstraint("tenant", models.UniqueConstraint("sandbox_of", name="tenant_one_sandbox")),
    ]
