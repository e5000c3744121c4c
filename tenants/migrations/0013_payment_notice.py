"""What an organization's own pages have to say about paying for the platform: of nobody anything yet."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tenants", "0012_metered_traffic")]
    operations = [
        migrations.AddField(
            model_name="tenant",
            name="payment_notice",
            field=models.CharField(
                blank=True,
                choices=[
                    ("", "Nothing to say"),
                    ("trial", "In trial, and nobody has chosen how to pay"),
                    ("past_due", "A payment failed"),
                    ("grace", "Not paid for, in grace"),
                    ("suspended", "Suspended until it is paid for"),
                ],
                db_default="",
                default="",
                max_length=12,
            ),
        ),
        migrations.AddField(
            model_name="tenant",
            name="payment_notice_until",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
