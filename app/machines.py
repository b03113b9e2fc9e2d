"""Which views are asked by machines and by scripts on the newsroom's own pages, not by readers."""

#: What machines ask and sign, and what the newsroom's own pages ask for: it has no reader, session,
#: cookie or form, and its language stands in its address.
FOR_MACHINES = frozenset(
    {
        "payments.stripe_webhook",
        "embed.script",
        "embed.module",
        "correction_sender.words",
        "correction_sender.send",
        "embed.appeal",
        "embed.round_",
        "embed.goal",
        "embed.seen",
        "passes.token",
        "passes.published",
    }
)
