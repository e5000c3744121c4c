"""Pages and mails link the brand's pictures once they are drawn."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tenants", "0001_initial")]

    operations = [
        migrations.AddField("tenant", "brand_kit", models.CharField(blank=True, db_default="", default="", max_length=12)),
    ]
