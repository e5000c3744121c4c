"""A person who signs in: an owner or operator on the platform, somebody else in each marketplace."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from phonenumber_field.modelfields import PhoneNumberField

from kernel.emails import canonical_email, email_is
from kernel.ids import new_id
from tenants.stamp import ScopedModel


class UserQuerySet(models.QuerySet["User"]):
    """Users of the current scope."""

    def with_email(self, email: str) -> UserQuerySet:
        return self.filter(email_is(email))


class UserManager(BaseUserManager["User"].from_queryset(UserQuerySet)):  # type: ignore[misc]  # the base is made at run time
    """Creates users; Django and allauth call it by these names."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:  # Any: Django's own signature
        user = self.model(email=canonical_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user  # type: ignore[no-any-return]  # the base is made at run time


class User(ScopedModel, AbstractBaseUser):
    """Signs in by e-mail. No Django groups or permissions: capabilities come from memberships (members) or operators."""

    id = models.BigAutoField(primary_key=True)
    public_id = models.UUIDField(unique=True, default=new_id, editable=False)
    email = models.EmailField(max_length=254)
    first_name = models.CharField(max_length=80, blank=True)
    last_name = models.CharField(max_length=80, blank=True)
    phone = PhoneNumberField(blank=True)
    time_zone = models.CharField(max_length=64, blank=True)
    language = models.CharField(max_length=8, blank=True)
    is_active = models.BooleanField(default=True)
    # Part of the session's hash: raising it signs the person out everywhere.
    session_epoch = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_unique")]

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip() or self.email.partition("@")[0]

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        # Under this hook lie both the hash of a session and those under older secret keys.
        return f"{super()._get_session_auth_hash(secret)}:{self.session_epoch}"  # type: ignore[misc]  # Django's hook, not in the stubs
