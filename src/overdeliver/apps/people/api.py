"""Customers for programs, and what a key may do."""

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import AfterValidator, Field, StringConstraints

from overdeliver.apps.look.access import needs
from overdeliver.apps.look.schemas import Cursor, Known, Limit, Listed, Short, Strict, Words, clean
from overdeliver.apps.people import actions, reads
from overdeliver.vocabulary.errors import NotAllowed

router = Router()
Mail = Annotated[str, StringConstraints(max_length=320), AfterValidator(clean)]


class CustomerIn(Strict):
    """What is known of a customer; what is left out stays as it is."""

    name: Words = Field("", examples=["Aigerim Nurlanova"])
    email: Mail = Field("", examples=["aigerim@example.org"])
    phone: Annotated[Short, Field(max_length=50)] = Field("", examples=["+7 701 000 00 00"])
    postal: Annotated[str, StringConstraints(max_length=400), AfterValidator(clean)] = Field(
        "", description="Where letters go, line by line, without the name"
    )
    language: Annotated[Short, Field(max_length=5)] = Field(
        "", description="Messages are written in it", examples=["kk"]
    )
    zone: Annotated[Short, Field(max_length=64)] = Field("", examples=["Asia/Almaty"])
    segment: Short = ""


class CustomerOut(Schema):
    """A customer; of an erased one only the reference is left."""

    reference: str
    name: str
    email: str
    phone: str
    postal: str
    language: str
    zone: str
    segment: str
    erased: bool


class MeOut(Schema):
    """What this key may do."""

    name: str
    prefix: str = Field(description="The first characters of the key, by which pages name it")
    rights: list[str]
    expires_at: str | None


@router.get("/me", response=MeOut, summary="What this key may do")
def me(request: HttpRequest) -> Any:
    """The name and the rights of the key that asks."""
    key = getattr(request, "auth", None)
    if key is None:
        raise NotAllowed("key")
    over = key.expires_at.isoformat() if key.expires_at else None
    rights = sorted(request.rights)  # type: ignore[attr-defined]
    return {"name": key.name, "prefix": key.prefix, "rights": rights, "expires_at": over}


me.right = "key"  # type: ignore[attr-defined]


@router.put("/customers/{path:reference}", response=CustomerOut)
@needs("customers.write")
def keep(request: HttpRequest, reference: str, given: CustomerIn) -> Any:
    """Make a customer, or bring one up to date.

    A key that may not see customers is answered with what it sent and nothing else of him.
    """
    said = {k: v for k, v in given.dict().items() if v}
    actions.keep_customer(reference, **said)
    found = customer_out(reads.customer(reference))
    if "customers.see" in request.rights:  # type: ignore[attr-defined]
        return found
    unseen = set(CustomerIn.model_fields) - set(said)
    return {**found, **dict.fromkeys(unseen, "")}


@router.get("/customers", response=Listed[CustomerOut])
@needs("customers.see")
def listed(
    request: HttpRequest,
    q: Annotated[Known, Field(description="Part of a name, mail, phone or reference")] = "",
    after: Cursor = "",
    limit: Limit = 50,
) -> Any:
    """Customers in the order they came in."""
    found, following = reads.some_customers(q, after=after, limit=limit)
    return {"items": [customer_out(one) for one in found], "next": following}


@router.get("/customers/{path:reference}", response=CustomerOut)
@needs("customers.see")
def one(request: HttpRequest, reference: str) -> Any:
    """One customer."""
    return customer_out(reads.customer(reference))


def customer_out(card: reads.CustomerCard) -> dict[str, Any]:
    """A customer as programs read it."""
    names = ("reference", "name", "email", "phone", "postal", "language", "zone", "segment")
    return {**{name: getattr(card, name) for name in names}, "erased": card.erased_at is not None}
