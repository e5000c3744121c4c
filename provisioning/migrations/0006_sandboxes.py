"""Mail that sandboxes would have sent, and the runs that make sandboxes and bring back what was tried out there."""

import django.db.models.deletion
import django.utils.timezone
import kernel.ids
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("provisioning", "0005_move_kind"),
        ("tenants", "0008_sandbox_of"),
    ]

    operations = [
        migrations.AlterField(
            model_name="run",
            name="kind",
            field=models.CharField(
                choices=[
                    ("create_organization", "Create an organization"),
                    ("archive_organization", "Archive an organization"),
                    ("import_organization", "Import an organization"),
                    ("restore_organization", "Restore a snapshot beside an organization"),
                    ("swap_organization", "Put a restored snapshot in an organization's place"),
                    ("move_organization", "Move an organization to another cluster"),
                    ("clone_organization", "Copy an organization to a sandbox"),
                    ("promote_sandbox", "Bring parts of a sandbox into its organization"),
                ],
                max_length=32,
            ),
        ),
        migrations.CreateModel(
            name="KeptMail",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("public_id", models.UUIDField(default=kernel.ids.new_id)),
                ("to", models.TextField()),
                ("sender", models.TextField()),
                ("reply_to", models.TextField(blank=True)),
                ("subject", models.TextField()),
                ("body", models.TextField(blank=True)),
                ("attachments", models.JSONField(default=list)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "tenant",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.DB_CASCADE, related_name="+", to="tenants.tenant"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["tenant", "-id"], name="kept_mail_newest")],
                "constraints": [models.UniqueConstraint(fields=("public_id",), name="kept_mail_public_id")],
            },
        ),
    ]
