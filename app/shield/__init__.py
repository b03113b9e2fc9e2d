"""The room of the shield: who may have a page to pay on opened at Stripe, and after what."""
