"""What an invitation's link is made from, together with the server's secret."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("people", "0004_cache_table")]

    operations = [
        migrations.AddField("invitation", "seed", models.CharField(max_length=32, default="")),
    ]
