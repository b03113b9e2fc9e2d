"""The billing portal as the API sees it: configurations, and short-lived sessions of one person."""

from __future__ import annotations

from typing import Any

from tests.sandbox import checkout, subscriptions
from tests.sandbox.errors import invalid, not_imitated
from tests.sandbox.objects import blank, merged
from tests.sandbox.shapes import Obj
from tests.sandbox.world import World

#: A link nobody follows dies after so many seconds; an opened one after so many of rest.
UNVISITED = 5 * 60
RESTING = 60 * 60

_NO_FEATURES: Obj = {
    "customer_update": {"allowed_updates": [], "enabled": False},
    "invoice_history": {"enabled": False},
    "payment_method_update": {"enabled": False, "payment_method_configuration": None},
    "subscription_cancel": {
        "cancellation_reason": {"enabled": False, "feedback_options": None, "options": []},
        "enabled": False,
        "mode": "at_period_end",
        "proration_behavior": "none",
    },
    "subscription_pause": {
        "duration": {
            "interval_options": [{"interval": "month", "interval_count": 1}],
            "type": "interval_options",
        },
        "enabled": False,
    },
    "subscription_update": {
        "billing_cycle_anchor": None,
        "default_allowed_updates": [],
        "enabled": False,
        "proration_behavior": "none",
        "schedule_at_period_end": {"conditions": []},
        "trial_update_behavior": "end_trial",
    },
}
_NO_PROFILE: Obj = dict.fromkeys(("headline", "privacy_policy_url", "terms_of_service_url"))


def create_configuration(world: World, params: Obj) -> Obj:
    """Make and keep a configuration; every feature not named is off."""
    now = world.clock.now()
    obj = blank(
        "BillingPortal.Configuration",
        "billing_portal.configuration",
        world.store.new_id("bpc"),
        active=True,
        business_profile=_over(_NO_PROFILE, params.get("business_profile", {})),
        created=now,
        default_return_url=params.get("default_return_url") or None,
        features=_features(_NO_FEATURES, params["features"]),
        is_default=False,
        login_page={"enabled": False, "url": None},
        metadata=merged({}, params.get("metadata")),
        name=params.get("name") or None,
        updated=now,
    )
    _check_login(params)
    return world.make(obj, "billing_portal.configuration.created")


def update_configuration(world: World, id_: str, params: Obj) -> Obj:
    """Change a configuration; what is not named stays."""
    obj = world.store.load(id_, "billing_portal.configuration")
    _check_login(params)
    for name in ("active", "default_return_url", "name"):
        if name in params:
            obj[name] = None if params[name] == "" else params[name]
    if "metadata" in params:
        obj["metadata"] = merged(obj["metadata"], params["metadata"])
    if "business_profile" in params:
        obj["business_profile"] = _over(obj["business_profile"], params["business_profile"])
    if "features" in params:
        obj["features"] = _features(obj["features"], params["features"])
    obj["updated"] = world.clock.now()
    world.change(obj, "billing_portal.configuration.updated")
    return obj


def _check_login(params: Obj) -> None:
    if (params.get("login_page") or {}).get("enabled"):
        raise not_imitated("the portal's login page", param="login_page[enabled]")


def _features(known: Obj, sent: Obj) -> Obj:
    features = _over(known, sent)
    if features["subscription_update"]["enabled"]:
        raise not_imitated(
            "changes of subscriptions in the portal", param="features[subscription_update]"
        )
    for option in features["subscription_pause"]["duration"]["interval_options"]:
        option.setdefault("interval_count", 1)
    return features


def _over(known: Obj, sent: Obj) -> Obj:
    """Lay what was sent over what is known, nested; an empty value clears."""
    laid: dict[str, Any] = dict(known)
    for name, value in sent.items():
        before = known.get(name)
        if isinstance(value, dict) and isinstance(before, dict):
            laid[name] = _over(before, value)
        elif value == "":
            laid[name] = [] if isinstance(before, list) else None
        else:
            laid[name] = value
    return laid


#: Which feature a flow needs.
_NEEDS = {
    "customer_update": "customer_update",
    "payment_method_update": "payment_method_update",
    "subscription_cancel": "subscription_cancel",
    "subscription_pause": "subscription_pause",
}


def open_session(world: World, params: Obj) -> Obj:
    """Open a session for a customer; its address is a key and lives shortly."""
    for name in ("on_behalf_of", "customer_account", "after_expiration"):
        if name in params:
            raise not_imitated(f"`{name}` of a portal session", param=name)
    if "customer" not in params:
        raise invalid(
            "Missing required param: customer.", param="customer", code="parameter_missing"
        )
    world.store.text(params["customer"], "customer", param="customer")
    configuration = _configuration(world, params)
    flow = _flow(world, params, configuration)
    id_ = world.store.new_id("bps")
    obj = blank(
        "BillingPortal.Session",
        "billing_portal.session",
        id_,
        configuration=configuration["id"],
        created=world.clock.now(),
        customer=params["customer"],
        flow=flow,
        locale=params.get("locale"),
        return_url=params.get("return_url") or configuration["default_return_url"],
        url=f"{world.options.url}/p/session/{id_}",
    )
    world.make(obj, "billing_portal.session.created")
    world.store.note(id_, offset=world.clock.offset)
    world.store.note(id_, until=checkout.wall_for(world, obj) + UNVISITED)
    return obj


def _configuration(world: World, params: Obj) -> Obj:
    if "configuration" not in params:
        raise invalid(
            "No configuration provided and your test mode default configuration has not been "
            "created. Provide a configuration or create your default by saving your customer "
            "portal settings in test mode."
        )
    obj = world.store.load(
        params["configuration"], "billing_portal.configuration", param="configuration"
    )
    if not obj["active"]:
        raise invalid("The configuration is not active.", param="configuration")
    return obj


def _flow(world: World, params: Obj, configuration: Obj) -> Obj | None:
    asked = params.get("flow_data")
    if asked is None:
        return None
    type_ = asked["type"]
    if type_ not in _NEEDS:
        raise not_imitated(f"the portal's flow {type_}", param="flow_data[type]")
    if not configuration["features"][_NEEDS[type_]]["enabled"]:
        raise invalid(
            f"You cannot create a portal session with the {type_} flow: this feature is disabled "
            "in your portal configuration.",
            param="flow_data[type]",
        )
    about = asked.get(type_)
    if type_.startswith("subscription_"):
        _check_subscription(world, params["customer"], type_, about)
    completion = asked.get("after_completion") or {"type": "portal_homepage"}
    kind = completion["type"]
    if kind == "redirect" and "redirect" not in completion:
        param = "flow_data[after_completion][redirect]"
        raise invalid(f"Missing required param: {param}.", param=param, code="parameter_missing")
    flow: Obj = dict.fromkeys((*_NEEDS, "subscription_update", "subscription_update_confirm"))
    del flow["payment_method_update"]
    if type_ == "customer_update":
        flow["customer_update"] = {}
    elif about is not None:
        more = {"retention": None} if type_ == "subscription_cancel" else {}
        flow[type_] = {**more, "subscription": about["subscription"]}
    confirmation = {"custom_message": None, **completion.get("hosted_confirmation", {})}
    flow["after_completion"] = {
        "hosted_confirmation": confirmation if kind == "hosted_confirmation" else None,
        "redirect": completion.get("redirect") if kind == "redirect" else None,
        "type": kind,
    }
    return {**flow, "type": type_}


def _check_subscription(world: World, customer: str, type_: str, about: Obj | None) -> None:
    param = f"flow_data[{type_}]"
    if about is None:
        raise invalid(f"Missing required param: {param}.", param=param, code="parameter_missing")
    if "retention" in about:
        raise not_imitated("offers to those who leave", param=f"{param}[retention]")
    id_, param = about["subscription"], f"{param}[subscription]"
    subscription = world.store.load(id_, "subscription", param=param)
    if subscription["customer"] != customer:
        raise invalid("The subscription belongs to another customer.", param=param)
    if subscriptions.is_live(world, id_) is None:
        raise invalid("The subscription cannot be changed: it is not active.", param=param)
    if type_ == "subscription_cancel" and subscription["cancel_at"] is not None:
        raise invalid("The subscription is already set to be canceled.", param=param)


def is_open(world: World, session: Obj) -> bool:
    """Tell whether a session can still be used."""
    facts = world.store.extra(session["id"])
    return not facts.get("over") and checkout.wall_for(world, session) < facts["until"]


def stay(world: World, session: Obj) -> None:
    """Let an opened session live on for a while."""
    until = checkout.wall_for(world, session) + RESTING
    world.store.note(session["id"], until=until)
