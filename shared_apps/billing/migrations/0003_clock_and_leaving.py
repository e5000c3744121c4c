"""Indexes for what the clock asks every minute, and the command that deletes who pays at Stripe."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0002_guards"),
        ("tenants", "0011_tenant_plan_version"),
    ]

    operations = [
        migrations.AlterField(
            model_name="billingcommand",
            name="kind",
            field=models.CharField(
                choices=[
                    ("make_customer", "Set up billing"),
                    ("open_checkout", "Begin to pay"),
                    ("open_portal", "Change the payment method"),
                    ("change_plan", "Change the plan"),
                    ("cancel", "Cancel at the period's end"),
                    ("withdraw_cancellation", "Take the cancellation back"),
                    ("cancel_now", "Cancel at once"),
                    ("pause", "Pause"),
                    ("resume", "Resume"),
                    ("give_time", "Give time away"),
                    ("give_credit", "Give credit"),
                    ("forget_customer", "Delete who pays"),
                ],
                max_length=24,
            ),
        ),
        migrations.AddIndex(
            model_name="subscription",
            index=models.Index(
                condition=models.Q(("stripe_id", ""), ("state", "trialing")),
                fields=["trial_ends_at"],
                name="subscription_trial_ends",
            ),
        ),
        migrations.AddIndex(
            model_name="subscription",
            index=models.Index(
                condition=models.Q(("stripe_id", ""), models.Q(("state", "cancelled"), _negated=True)),
                fields=["cancel_at"],
                name="subscription_ends",
            ),
        ),
        migrations.AddIndex(
            model_name="subscription",
            index=models.Index(condition=models.Q(("state", "past_due")), fields=["owing_since_at"], name="subscription_owes"),
        ),
        migrations.AddIndex(
            model_name="subscription",
            index=models.Index(condition=models.Q(("state", "grace")), fields=["grace_until"], name="subscription_grace_ends"),
        ),
    ]
