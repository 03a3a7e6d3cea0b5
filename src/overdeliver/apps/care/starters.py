"""What a kind of business begins with: its plans, off until the owner switches them on."""

from collections.abc import Mapping

from overdeliver.apps.care.rules.steps import Step

KINDS = ("webshop", "dentist", "carservice", "pizza", "taxi", "salon", "b2b")

_CONFIRM = Step(channel="mail", content="care_confirm", after=0.5, within=24)
_NEAR = Step(channel="mail", content="care_confirm", after=0.1, within=2)
_SUPPORT = Step(channel="letter", content="care_support", after=1, within=24)
_CALL = Step(channel="call", content="care_call", after=4, within=24)
_THANKS = Step(channel="thanks", content="care_thanks", after=2, within=72)
_WELCOME = Step(channel="mail", content="care_first_visit", after=2, within=48, clock="10:00")
_ARRIVED = Step(channel="mail", content="care_arrived", after=20, within=72, clock="10:00")
_CARE_AFTER = Step(channel="call", content="care_call", after=20, within=72)
_EXCEEDED = Step(channel="mail", content="care_exceeded", after=1, within=48)
_RECOVERED = Step(channel="letter", content="care_recovered", after=24, within=120)
_RECOVERED_MAIL = Step(
    channel="mail", content="care_recovered", after=24, within=120, clock="10:00"
)
_YEAR = Step(channel="mail", content="care_anniversary", after=0, within=30, clock="10:00")
_YEAR_LETTER = Step(channel="letter", content="care_anniversary", after=0, within=24)

#: The order's plan differs most: how long doubt lasts, and who picks up the telephone.
_ORDER: Mapping[str, tuple[Step, ...]] = {
    "webshop": (_CONFIRM, _SUPPORT, _CALL),
    "dentist": (_CONFIRM, _CALL, _SUPPORT),
    "carservice": (_CONFIRM, _CALL),
    "pizza": (_NEAR,),
    "taxi": (_NEAR,),
    "salon": (_CONFIRM, _CALL),
    "b2b": (_CONFIRM, _CALL, _SUPPORT, _THANKS),
}
_DELIVERY: Mapping[str, tuple[Step, ...]] = {
    "webshop": (_ARRIVED,),
    "dentist": (_CARE_AFTER, _ARRIVED),
    "carservice": (_ARRIVED, _CARE_AFTER),
    "salon": (_ARRIVED,),
    "b2b": (_ARRIVED, _THANKS),
}
_RARE = ("pizza", "taxi")


def plans_for(kind: str) -> dict[str, tuple[Step, ...]]:
    """The steps by moment for a kind of business; those of a web shop where the kind is another.

    >>> sorted(plans_for("pizza"))
    ['anniversary', 'broken_and_recovered', 'exceeded', 'first_visit', 'order']
    """
    own = kind if kind in KINDS else "webshop"
    found = {"order": _ORDER[own]}
    if own in _DELIVERY:
        found["delivery"] = _DELIVERY[own]
    found["exceeded"] = (_EXCEEDED,) if own in _RARE else (_EXCEEDED, _THANKS)
    found["broken_and_recovered"] = (
        (_RECOVERED_MAIL,) if own in _RARE else (_RECOVERED_MAIL, _RECOVERED)
    )
    found["anniversary"] = (_YEAR,) if own in _RARE else (_YEAR, _YEAR_LETTER)
    found["first_visit"] = (_WELCOME,) if own in _RARE else (_WELCOME, _THANKS)
    return found
