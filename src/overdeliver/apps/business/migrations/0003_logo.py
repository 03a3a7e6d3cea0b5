"""The business's logo."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """A table of pictures, and which of them is in use."""

    dependencies = [("business", "0002_append_only")]
    operations = [
        migrations.CreateModel(
            name="Logo",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=64, unique=True)),
                ("kind", models.CharField(max_length=10)),
                ("data", models.BinaryField()),
                ("width", models.PositiveIntegerField()),
                ("height", models.PositiveIntegerField()),
            ],
        ),
        migrations.AddField(
            model_name="business",
            name="logo",
            field=models.CharField(blank=True, default="", max_length=64),
        ),
    ]
