"""The ledger of recurring revenue."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("billing", "0002_guards"),
    ]

    operations = [
        migrations.CreateModel(
            name="MrrEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("tenant_id", models.UUIDField()),
                ("number", models.PositiveIntegerField()),
                ("revision", models.PositiveIntegerField()),
                ("at", models.DateTimeField()),
                (
                    "movement",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("new", "New"),
                            ("expansion", "Expansion"),
                            ("reactivation", "Reactivation"),
                            ("contraction", "Contraction"),
                            ("churn", "Churn"),
                        ],
                        max_length=12,
                    ),
                ),
                ("currency", models.CharField(max_length=3)),
                ("before_minor", models.PositiveBigIntegerField()),
                ("after_minor", models.PositiveBigIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("trialing", "Trial"),
                            ("active", "Active"),
                            ("past_due", "Payment failed"),
                            ("grace", "Grace period"),
                            ("suspended", "Suspended"),
                            ("paused", "Paused"),
                            ("cancelled", "Cancelled"),
                        ],
                        max_length=12,
                    ),
                ),
                ("is_billed", models.BooleanField()),
                ("plan_code", models.CharField(max_length=32)),
                ("plan_version", models.PositiveIntegerField()),
                ("interval", models.CharField(choices=[("month", "Month"), ("year", "Year")], max_length=8)),
                ("add_ons", models.JSONField(blank=True, default=dict)),
                (
                    "subscription",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="billing.subscription",
                        to_field="public_id",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["tenant_id", "at"], name="mrr_entry_of_tenant"),
                    models.Index(fields=["currency", "at"], name="mrr_entry_by_month"),
                ],
                "constraints": [
                    models.UniqueConstraint(models.F("subscription"), models.F("number"), name="mrr_entry_once"),
                    models.CheckConstraint(condition=models.Q(("currency__regex", "^[A-Z]{3}$")), name="mrr_entry_currency"),
                    models.CheckConstraint(
                        condition=models.Q(("movement__in", ["", "new", "expansion", "reactivation", "contraction", "churn"])),
                        name="mrr_entry_movement",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("before_minor", models.F("after_minor")), ("movement", "")),
                            models.Q(
                                models.Q(("movement", ""), _negated=True),
                                models.Q(("before_minor", models.F("after_minor")), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="mrr_entry_moves_by_something",
                    ),
                ],
            },
        ),
    ]
