"""Which version of its theme package each organization wears."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("tenants", "0015_suspended_by"),
    ]

    operations = [
        migrations.AddField(
            model_name="tenant",
            name="theme_digest",
            field=models.CharField(blank=True, db_default="", default="", max_length=64),
        ),
    ]
