"""Invoices that people write: how they were paid and credited, who is exempt, and of what a grace was reminded."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0004_planned_change"),
        ("tenants", "0014_keeps_bookings"),
    ]

    operations = [
        migrations.CreateModel(
            name="BillingCreditNote",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("stripe_id", models.CharField(max_length=255, unique=True)),
                ("number", models.CharField(max_length=80)),
                ("status", models.CharField(max_length=8)),
                ("currency", models.CharField(max_length=3)),
                ("amount_minor", models.BigIntegerField()),
                ("memo", models.CharField(blank=True, max_length=500)),
                ("pdf_url", models.CharField(blank=True, max_length=500)),
                ("issued_at", models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name="billingaccount",
            name="tax_status",
            field=models.CharField(
                choices=[("none", "As usual"), ("exempt", "Exempt"), ("reverse", "Reverse charge")],
                db_default="none",
                default="none",
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="billinginvoice",
            name="credited_minor",
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="billinginvoice",
            name="is_by_hand",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="billinginvoice",
            name="paid_on",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="billinginvoice",
            name="purchase_order",
            field=models.CharField(blank=True, db_default="", default="", max_length=140),
        ),
        migrations.AddField(
            model_name="billinginvoice",
            name="reference",
            field=models.CharField(blank=True, db_default="", default="", max_length=140),
        ),
        migrations.AddField(
            model_name="billinginvoice",
            name="tax_minor",
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="subscription",
            name="reminded",
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
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
                    ("change_customer", "Change who is billed"),
                    ("write_invoice", "Write an invoice"),
                    ("mark_invoice_paid", "Mark an invoice as paid"),
                    ("void_invoice", "Void an invoice"),
                    ("credit_invoice", "Credit an invoice"),
                ],
                max_length=24,
            ),
        ),
        migrations.AddIndex(
            model_name="billinginvoice",
            index=models.Index(fields=["-issued_at", "-id"], name="billing_invoice_newest"),
        ),
        migrations.AddIndex(
            model_name="billinginvoice",
            index=models.Index(
                condition=models.Q(("is_by_hand", True), ("status", "open")), fields=["due_at"], name="billing_invoice_due"
            ),
        ),
        migrations.AddField(
            model_name="billingcreditnote",
            name="invoice",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="credit_notes", to="billing.billinginvoice"
            ),
        ),
        migrations.AddField(
            model_name="billingcreditnote",
            name="tenant",
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="tenants.tenant"),
        ),
        migrations.AddConstraint(
            model_name="billingcreditnote",
            constraint=models.CheckConstraint(
                condition=models.Q(("currency__regex", "^[A-Z]{3}$")), name="billing_credit_note_currency"
            ),
        ),
    ]
