"""Customers and staff. Private to this chapter."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

ROLES = [("owner", "owner"), ("manager", "manager"), ("agent", "agent"), ("analyst", "analyst")]


class Customer(models.Model):
    """Somebody promises are made to."""

    reference = models.CharField(max_length=200, unique=True)  # the shop's own number
    name = models.CharField(max_length=300, blank=True)
    email = models.CharField(max_length=320, blank=True)
    phone = models.CharField(max_length=50, blank=True)  # E.164 where it could be read
    postal = models.CharField(max_length=400, blank=True)  # lines, as on an envelope
    language = models.CharField(max_length=5, blank=True)
    zone = models.CharField(max_length=64, blank=True)
    segment = models.CharField(max_length=100, blank=True)
    search = models.CharField(max_length=700, blank=True)  # folded name, mail, phone, reference
    batch = models.CharField(max_length=60, blank=True, db_index=True)  # the import it came with
    created_at = models.DateTimeField(auto_now_add=True)
    erased_at = models.DateTimeField(null=True)
    keep_until = models.DateTimeField(null=True)  # retention looks again after this moment

    class Meta:
        indexes = [
            models.Index(fields=["segment", "-id"]),
            models.Index(fields=["email"]),
            models.Index(
                fields=["created_at"],
                name="customer_to_forget",
                condition=models.Q(erased_at__isnull=True),
            ),
        ]


class Consent(models.Model):
    """A customer's yes or no to one purpose; append-only, the latest counts."""

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="consents")
    purpose = models.CharField(max_length=50)  # service, reassurance, asking, marketing
    given = models.BooleanField()
    source = models.CharField(max_length=100)  # checkout, page, staff, import
    text = models.TextField(blank=True)  # the words agreed to
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["customer", "purpose", "-at"])]


class StaffManager(BaseUserManager["Staff"]):
    """Makes members of staff; e-mail is the name to sign in with."""

    def create_user(self, email: str, password: str | None = None, **extra: Any) -> "Staff":
        """A member of staff with the role agent unless said otherwise."""
        staff = self.model(email=self.normalize_email(email).lower(), **extra)
        staff.set_password(password)
        staff.save(using=self._db)
        return staff

    def create_superuser(self, email: str, password: str | None = None, **extra: Any) -> "Staff":
        """An owner."""
        return self.create_user(email, password, role="owner", **extra)


class Staff(AbstractBaseUser):
    """A person who works here and may sign in."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=200, blank=True)
    role = models.CharField(max_length=10, choices=ROLES, default="agent")
    team = models.CharField(max_length=100, blank=True)
    language = models.CharField(max_length=5, blank=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = StaffManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    def get_full_name(self) -> str:
        """The name, or the address where there is none."""
        return self.name or self.email


class Invitation(models.Model):
    """A link that works once: to join, to choose a new password, or to become the first owner.

    The token is made from the seed and the server's secret, so that whoever mails the link can make
    it again; what is kept here opens no door.
    """

    hash = models.CharField(max_length=64, unique=True)  # SHA-256 of the token
    seed = models.CharField(max_length=32, default="")
    staff = models.ForeignKey(Staff, models.CASCADE, null=True, related_name="+")  # password
    email = models.EmailField(blank=True)
    role = models.CharField(max_length=10, choices=ROLES, default="agent")
    team = models.CharField(max_length=100, blank=True)
    language = models.CharField(max_length=5, blank=True)
    created_by = models.ForeignKey(Staff, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)


class ApiKey(models.Model):
    """A key for programs: only its hash is kept."""

    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=12, unique=True)  # shown, to tell keys apart
    hash = models.CharField(max_length=64)  # SHA-256 of the whole key
    rights = models.JSONField(default=list)
    created_by = models.ForeignKey(Staff, models.PROTECT, null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)


class ApiCall(models.Model):
    """The answer to a call with an Idempotency-Key, kept for two days."""

    scope = models.CharField(max_length=64)  # SHA-256 of the key that called
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)  # of method, path and body
    status = models.PositiveSmallIntegerField(default=0)
    body = models.TextField(blank=True)
    at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["scope", "key"], name="one_answer_per_call")]
