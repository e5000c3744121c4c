"""Versions of theme packages."""

import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="PackageVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("package_id", models.CharField(max_length=32)),
                ("version", models.CharField(max_length=14)),
                ("name", models.CharField(max_length=60)),
                ("description", models.CharField(blank=True, max_length=300)),
                ("size_bytes", models.PositiveIntegerField()),
                ("findings", models.JSONField(blank=True, default=list)),
                ("installed_by", models.CharField(blank=True, max_length=254)),
                ("installed_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(models.F("package_id"), models.F("version"), name="package_version_once"),
                    models.CheckConstraint(
                        condition=models.Q(("digest__regex", "^[0-9a-f]{64}$")), name="package_version_digest"
                    ),
                ],
            },
        ),
    ]
