from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("outbox", "0004_waiting")]

    operations = [
        migrations.AddField("outboxmessage", "is_parked", models.BooleanField(db_default=False)),
    ]
