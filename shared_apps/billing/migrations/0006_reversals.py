"""Refunds and disputes, one entry for each step of theirs, for good; and sums of what organizations that are gone were billed."""

import django.db.models.deletion
from django.db import migrations, models


FORWARD = """
CREATE FUNCTION billing_check_reversal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.number <> 1 + (SELECT coalesce(max(number), 0) FROM public.billing_billingreversal WHERE stripe_id = NEW.stripe_id)
    OR EXISTS (
        SELECT FROM public.billing_billingreversal WHERE stripe_id = NEW.stripe_id
            AND (tenant_id, kind, charge_stripe_id, currency) <> (NEW.tenant_id, NEW.kind, NEW.charge_stripe_id, NEW.currency)
    ) THEN
        RAISE EXCEPTION 'a step of a reversal goes on from the last one' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER billing_reversal_goes_on BEFORE INSERT ON billing_billingreversal
    FOR EACH ROW EXECUTE FUNCTION billing_check_reversal();
CREATE TRIGGER billing_reversal_is_final BEFORE UPDATE ON billing_billingreversal
    FOR EACH ROW EXECUTE FUNCTION billing_refuse_change();
"""
BACKWARD = """
DROP TRIGGER billing_reversal_is_final ON billing_billingreversal;
DROP TRIGGER billing_reversal_goes_on ON billing_billingreversal;
DROP FUNCTION billing_check_reversal();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0005_invoices_by_hand"),
        ("tenants", "0014_keeps_bookings"),
    ]

    operations = [
        migrations.AddField(
            model_name="billingcreditnote",
            name="outside_minor",
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.CreateModel(
            name="FormerMonth",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("month_on", models.DateField()),
                ("currency", models.CharField(max_length=3)),
                ("plan_code", models.CharField(blank=True, max_length=32)),
                ("invoices", models.BigIntegerField(default=0)),
                ("invoiced_minor", models.BigIntegerField(default=0)),
                ("paid_minor", models.BigIntegerField(default=0)),
                ("open_minor", models.BigIntegerField(default=0)),
                ("written_off_minor", models.BigIntegerField(default=0)),
                ("voided_minor", models.BigIntegerField(default=0)),
                ("refunded_minor", models.BigIntegerField(default=0)),
                ("outside_minor", models.BigIntegerField(default=0)),
                ("lost_minor", models.BigIntegerField(default=0)),
                ("fees_minor", models.BigIntegerField(default=0)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        models.F("currency"), models.F("month_on"), models.F("plan_code"), name="billing_former_month_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("currency__regex", "^[A-Z]{3}$")), name="billing_former_month_currency"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="BillingReversal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("stripe_id", models.CharField(max_length=255)),
                ("number", models.PositiveIntegerField()),
                ("kind", models.CharField(choices=[("refund", "Refund"), ("dispute", "Dispute")], max_length=8)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("pending", "On its way"),
                            ("returned", "Refunded"),
                            ("failed", "Came back"),
                            ("open", "In dispute"),
                            ("won", "Dispute won"),
                            ("lost", "Dispute lost"),
                        ],
                        max_length=8,
                    ),
                ),
                ("charge_stripe_id", models.CharField(max_length=255)),
                ("invoice_stripe_id", models.CharField(blank=True, max_length=255)),
                ("currency", models.CharField(max_length=3)),
                ("amount_minor", models.PositiveBigIntegerField()),
                ("fee_minor", models.BigIntegerField(default=0)),
                ("fee_currency", models.CharField(blank=True, max_length=3)),
                ("reason", models.CharField(blank=True, max_length=64)),
                ("happened_at", models.DateTimeField()),
                ("at", models.DateTimeField()),
                (
                    "tenant",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="tenants.tenant"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["tenant"], name="billing_reversal_of_tenant"),
                    models.Index(fields=["invoice_stripe_id"], name="billing_reversal_of_invoice"),
                    models.Index(fields=["charge_stripe_id"], name="billing_reversal_of_charge"),
                ],
                "constraints": [
                    models.UniqueConstraint(models.F("stripe_id"), models.F("number"), name="billing_reversal_once"),
                    models.CheckConstraint(
                        condition=models.Q(("currency__regex", "^[A-Z]{3}$")), name="billing_reversal_currency"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "refund"), ("state__in", ("pending", "returned", "failed"))),
                            models.Q(("kind", "dispute"), ("state__in", ("open", "won", "lost"))),
                            _connector="OR",
                        ),
                        name="billing_reversal_state",
                    ),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="billingcommand",
            constraint=models.UniqueConstraint(
                models.F("tenant"),
                condition=models.Q(("kind", "make_customer"), ("state", "open")),
                name="billing_one_customer_at_once",
            ),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
