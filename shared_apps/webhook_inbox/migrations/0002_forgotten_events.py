"""How many applied events came in a month, of those that are not kept any more."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("webhook_inbox", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="ForgottenEvents",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("month_on", models.DateField()),
                ("type", models.CharField(max_length=100)),
                ("count", models.PositiveBigIntegerField()),
            ],
            options={
                "constraints": [models.UniqueConstraint(models.F("month_on"), models.F("type"), name="webhook_forgotten_once")],
            },
        ),
    ]
