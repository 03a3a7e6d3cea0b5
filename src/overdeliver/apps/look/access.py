"""Who may see what, said where the door is: every page and every API call names its right.

The rights a person or a key has are decided in one place (`people.rules`) and laid on the request
as ``request.rights`` by `people.gate`. A door that names none is refused.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from overdeliver.vocabulary.errors import NotAllowed

View = TypeVar("View", bound=Callable[..., Any])

#: The right of a door that is open to everyone: status page, complaint door, health.
PUBLIC = "public"


def needs(right: str) -> Callable[[View], View]:
    """Refuse the call unless the request carries ``right``; `PUBLIC` lets everyone in.

    NotAllowed: the request's rights do not hold it. The right stays readable as ``view.right``:
    the authorization matrix is drawn from it.
    """

    def mark(view: View) -> View:
        @wraps(view)
        def guarded(request: Any, *args: Any, **kwargs: Any) -> Any:
            if right != PUBLIC and right not in getattr(request, "rights", frozenset()):
                raise NotAllowed(right)
            return view(request, *args, **kwargs)

        guarded.right = right  # type: ignore[attr-defined]
        return cast(View, guarded)

    return mark
