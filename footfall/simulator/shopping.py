"""How people buy: checking out, paying at the first or a later attempt, booking, coming back to the thank-you page."""

from random import Random
from typing import Any

from footfall.simulator.moments import read
from footfall.simulator.people import make_uuid
from footfall.simulator.purchase import Price, Purchase
from footfall.simulator.session import Recorder
from footfall.simulator.sites import CHECKOUT, CONFIRMATION, OFFERS, PAYMENT, PAYMENT_PROVIDERS

_CURRENCIES, _CURRENCY_WEIGHTS = ("EUR", "CHF", "USD"), (84, 10, 6)
_METHODS = ("card", "paypal", "klarna")
_SERVICES = (("assembly", 4900), ("delivery", 2950), ("measuring", 1900))
_FAILURES = (("card_declined", "The card was declined"), ("timeout", "The bank did not answer"))


def check_out(recorder: Recorder) -> None:
    """Start to buy something; go on to pay, or give up."""
    purchase = _choose(recorder.random)
    recorder.wait(2, 60)
    recorder.view(CHECKOUT)
    _note(
        recorder,
        purchase,
        "checkout_started",
        items=purchase.items,
        total_amount=purchase.price.amount,
        currency=purchase.price.currency,
        payment_method=purchase.method,
    )
    read(recorder)
    if recorder.random.random() < 0.3:
        recorder.device.buyer.unpaid.append(purchase)
        return
    recorder.wait(2, 30)
    _pay(recorder, purchase)


def maybe_pay_later(recorder: Recorder) -> bool:
    """Continue a purchase that was given up in an earlier session, and return whether there was one."""
    unpaid = recorder.device.buyer.unpaid
    if not unpaid or recorder.random.random() < 0.3:
        return False
    recorder.wait(2, 30)
    _pay(recorder, unpaid.pop(0))
    return True


def maybe_look_at_order(recorder: Recorder) -> None:
    """Open the thank-you page of an earlier session, which reports the order once more."""
    ordered = recorder.device.buyer.ordered
    if ordered and recorder.random.random() < 0.25:
        recorder.wait(2, 60)
        recorder.view(CONFIRMATION)
        _report_order(recorder, recorder.random.choice(ordered))


def book(recorder: Recorder) -> None:
    """Book a service. Some clients give no booking id, some no currency."""
    random = recorder.random
    service, cents = random.choice(_SERVICES)
    booking: dict[str, Any] = {"service": service, "amount": cents / 100}
    if random.random() < 0.9:
        booking["booking_id"] = make_uuid(random)
    if random.random() < 0.75:
        booking["currency"] = _currency(random)
    for _ in range(2 if random.random() < 0.15 else 1):
        recorder.wait(5, 60)
        recorder.note("booking_placed", **booking)


def order_again(recorder: Recorder) -> None:
    """Order by subscription: the site's server reports it, and there was no checkout."""
    random = recorder.random
    recorder.wait(1, 5)
    recorder.note(
        "order_placed",
        order_id=make_uuid(random),
        amount=random.randint(990, 4990) / 100,
        currency=_currency(random),
    )


def _choose(random: Random) -> Purchase:
    offers = [(random.choice(OFFERS).identifier, random.randint(990, 19990)) for _ in range(random.randint(1, 4))]
    cents, currency = sum(cents for _, cents in offers), _currency(random)
    naming = random.choices(("all", "first", "none"), (80, 10, 10))[0]
    # Clients that name no checkout are old ones, which know neither numbers nor capital letters.
    price = Price(f"{cents / 100:.2f}", currency.lower()) if naming == "none" else Price(cents / 100, currency)
    return Purchase(
        checkout_id=make_uuid(random),
        order_id=make_uuid(random),
        items=[{"offer": offer, "price": cents / 100} for offer, cents in offers],
        price=price,
        method=random.choice(_METHODS),
        naming=naming,
        failures_due=random.choices(range(4), (62, 20, 11, 7))[0],
    )


def _pay(recorder: Recorder, purchase: Purchase) -> None:
    """Pay: at once, after failures, or not in this session."""
    random = recorder.random
    recorder.view(PAYMENT)
    while True:
        if random.random() < 0.2:
            purchase.method = random.choice(_METHODS)
        chosen = {"payment_method": purchase.method} if random.random() < 0.5 else {}
        recorder.wait(0.2, 3)
        _note(recorder, purchase, "payment_started", **chosen)
        recorder.wait(5, 90)
        if random.random() < 0.06:
            recorder.device.buyer.unpaid.append(purchase)
            return
        if not purchase.failures_due:
            break
        purchase.failures_due -= 1
        _fail(recorder, purchase)
        if random.random() < 0.35:
            recorder.device.buyer.unpaid.append(purchase)
            return
        recorder.wait(5, 60)
    # The provider sends people back: a referrer from outside in the middle of a session.
    recorder.view(CONFIRMATION, random.choice(PAYMENT_PROVIDERS))
    recorder.wait(0.01, 1)
    _note(recorder, purchase, "payment_succeeded")
    recorder.wait(0.01, 1)
    _report_order(recorder, purchase)
    recorder.device.buyer.ordered.append(purchase)
    if random.random() < 0.15:
        recorder.wait(5, 600)
        recorder.view(CONFIRMATION)
        _report_order(recorder, purchase)


def _fail(recorder: Recorder, purchase: Purchase) -> None:
    random, user = recorder.random, recorder.device.user
    code, message = random.choice(_FAILURES)
    contact = {"email": user.email, "phone": user.phone} if user else {}
    charged = dict(zip(("amount", "currency"), purchase.price, strict=True)) if random.random() < 0.3 else {}
    _note(recorder, purchase, "payment_failed", error_code=code, error_message=message, **contact, **charged)


def _report_order(recorder: Recorder, purchase: Purchase) -> None:
    recorder.wait(0.01, 1)
    amount, currency = purchase.price
    _note(recorder, purchase, "order_placed", order_id=purchase.order_id, amount=amount, currency=currency)


def _note(recorder: Recorder, purchase: Purchase, event_name: str, **properties: Any) -> None:
    is_named = purchase.naming == "all" or (purchase.naming == "first" and event_name == "checkout_started")
    named = {"checkout_id": purchase.checkout_id} if is_named else {}
    recorder.note(event_name, **named, **properties)


def _currency(random: Random) -> str:
    return random.choices(_CURRENCIES, _CURRENCY_WEIGHTS)[0]
