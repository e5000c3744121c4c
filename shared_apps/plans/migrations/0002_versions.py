"""Plans get versions with prices, quotas and add-ons. The columns of `plans_plan` stay for the code before."""

import django.db.models.deletion
import django.db.models.expressions
import django.utils.timezone
import kernel.ids
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("plans", "0001_initial"),
        ("tenants", "0011_tenant_plan_version"),
    ]

    operations = [
        migrations.AddField(
            model_name="plan",
            name="kind",
            field=models.CharField(
                choices=[("plan", "Plan"), ("add_on", "Add-on")], db_default="plan", default="plan", max_length=8
            ),
        ),
        migrations.CreateModel(
            name="PlanVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                ("entitlements", models.JSONField(default=dict)),
                ("trial_days", models.PositiveIntegerField(default=14)),
                ("note", models.CharField(blank=True, max_length=300)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("published_at", models.DateTimeField(blank=True, null=True)),
                ("revision", models.PositiveIntegerField(default=1)),
                (
                    "plan",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="versions", to="plans.plan"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PlanQuota",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=40)),
                (
                    "beyond",
                    models.CharField(
                        choices=[
                            ("refused", "Refused"),
                            ("tolerated", "Let through, and told"),
                            ("sold", "Let through, and charged"),
                        ],
                        max_length=12,
                    ),
                ),
                ("stops_at", models.PositiveBigIntegerField(blank=True, null=True)),
                ("per_units", models.PositiveIntegerField(default=0)),
                (
                    "version",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="quotas",
                        to="plans.planversion",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PlanPrice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("currency", models.CharField(max_length=3)),
                ("interval", models.CharField(choices=[("month", "Month"), ("year", "Year")], max_length=8)),
                ("amount_minor", models.PositiveBigIntegerField()),
                (
                    "version",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="prices",
                        to="plans.planversion",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PlanMove",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=kernel.ids.new_id, editable=False, unique=True)),
                (
                    "state",
                    models.CharField(choices=[("running", "Under way"), ("done", "Done")], default="running", max_length=8),
                ),
                ("total", models.PositiveIntegerField()),
                ("done", models.PositiveIntegerField(default=0)),
                ("skipped", models.PositiveIntegerField(default=0)),
                ("ordered_by", models.CharField(max_length=254)),
                ("reason", models.CharField(blank=True, max_length=500)),
                ("ordered_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                (
                    "version",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="plans.planversion"
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="plan",
            name="current",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="plans.planversion",
            ),
        ),
        migrations.CreateModel(
            name="StripeLink",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(choices=[("product", "Product"), ("price", "Price")], max_length=8)),
                ("ours", models.CharField(max_length=120)),
                ("stripe_id", models.CharField(max_length=255)),
                ("synced_at", models.DateTimeField(blank=True, null=True)),
                ("drift", models.JSONField(default=list)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(models.F("kind"), models.F("ours"), name="stripe_link_ours"),
                    models.UniqueConstraint(models.F("kind"), models.F("stripe_id"), name="stripe_link_theirs"),
                ],
            },
        ),
        migrations.CreateModel(
            name="TenantAddOn",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("quantity", models.PositiveIntegerField()),
                ("since_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("add_on", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="plans.plan")),
                (
                    "tenant",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="tenants.tenant"
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="plans.planversion"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PlanMoveTarget",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("tenant_id", models.UUIDField()),
                (
                    "move",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="targets", to="plans.planmove"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(models.F("move"), models.F("tenant_id"), name="plan_move_target_once")],
            },
        ),
        migrations.CreateModel(
            name="OveragePrice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("currency", models.CharField(max_length=3)),
                ("amount_minor", models.PositiveBigIntegerField()),
                (
                    "quota",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="prices", to="plans.planquota"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(models.F("quota"), models.F("currency"), name="overage_price_once"),
                    models.CheckConstraint(
                        condition=models.Q(("currency__regex", "^[A-Z]{3}$")), name="overage_price_currency"
                    ),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="planversion",
            constraint=models.UniqueConstraint(models.F("plan"), models.F("number"), name="plan_version_number"),
        ),
        migrations.AddConstraint(
            model_name="planversion",
            constraint=models.UniqueConstraint(
                models.F("plan"), condition=models.Q(("published_at", None)), name="plan_one_draft"
            ),
        ),
        migrations.AddConstraint(
            model_name="planversion",
            constraint=models.CheckConstraint(condition=models.Q(("number__gte", 1)), name="plan_version_counts_from_one"),
        ),
        migrations.AddConstraint(
            model_name="planquota",
            constraint=models.UniqueConstraint(models.F("version"), models.F("code"), name="plan_quota_once"),
        ),
        migrations.AddConstraint(
            model_name="planquota",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("beyond", "sold"), ("per_units__gt", 0)),
                    models.Q(("beyond", "tolerated"), ("per_units", 0)),
                    _connector="OR",
                ),
                name="plan_quota_sold_per_units",
            ),
        ),
        migrations.AddConstraint(
            model_name="planprice",
            constraint=models.UniqueConstraint(
                models.F("version"), models.F("currency"), models.F("interval"), name="plan_price_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="planprice",
            constraint=models.CheckConstraint(
                condition=models.Q(("currency__regex", "^[A-Z]{3}$")), name="plan_price_currency"
            ),
        ),
        migrations.AddConstraint(
            model_name="planprice",
            constraint=models.CheckConstraint(
                condition=models.Q(("interval__in", ["month", "year"])), name="plan_price_interval"
            ),
        ),
        migrations.AddConstraint(
            model_name="planmove",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("total__gte", django.db.models.expressions.CombinedExpression(models.F("done"), "+", models.F("skipped")))
                ),
                name="plan_move_counts",
            ),
        ),
        migrations.AddConstraint(
            model_name="planmove",
            constraint=models.UniqueConstraint(
                models.F("version"), condition=models.Q(("state", "running")), name="plan_move_one_at_a_time"
            ),
        ),
        migrations.AddConstraint(
            model_name="tenantaddon",
            constraint=models.UniqueConstraint(models.F("tenant"), models.F("add_on"), name="tenant_add_on_once"),
        ),
        migrations.AddConstraint(
            model_name="tenantaddon",
            constraint=models.CheckConstraint(condition=models.Q(("quantity__gte", 1)), name="tenant_add_on_some"),
        ),
    ]
