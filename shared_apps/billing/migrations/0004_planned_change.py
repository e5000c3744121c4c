"""What a subscription is billed for from the end of what is paid for on, where that was ordered."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("billing", "0003_clock_and_leaving")]
    operations = [
        migrations.AddField(
            model_name="subscription",
            name="planned",
            field=models.JSONField(blank=True, db_default=models.Value({}, models.JSONField()), default=dict),
        ),
    ]
