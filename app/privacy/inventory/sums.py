"""Tables that say nothing about anybody: sums by day or month, rules, and the house's own notes."""

NOT_PERSONAL = {
    "begun_count": "scope came_month begun_as article people kept",
    "brought_sum": "scope begun_as currency people settled_minor fee_minor paid_minor",
    "came_count": "by month currency origin came moved yearly_minor begun kept_3 kept_6 kept_12",
    "campaign_day": "campaign began currency day raised_minor left_minor new returned more",
    "cash_day": (
        "id day currency source card_brand settled_in kind once count amount_minor settled_minor "
        "fee_minor net_minor covered cover_minor known known_cover_minor known_fee_minor"
    ),
    "failure_day": "id day currency remedy decline_code paid by count amount_minor",
    "giver_day": "day currency plan yearly_minor people",
    "giving_sum": "interval currency pledges amount_minor",
    "lasting_count": "scope came_day begun_as currency lasted people",
    "leave_wish_count": "currency month reason became how wishes",
    "left_count": "scope out_month why people back_90 back_365",
    "letter_day": "day kind owed sent waiting given_up undue",
    "movement_check": "id at pledges differing",
    "movement_day": "day currency kind cause stood count yearly_minor",
    "once_day": "by day currency origin count amount_minor",
    "other_way": "id kind titles texts details position hidden_at changed_at",
    "payout": (
        "id stripe_payout_id amount_minor currency status automatic arrives_on made_at failure "
        "returned_by read_at held_minor seen_at listed attempts due_at error"
    ),
    "payout_look": "id looked_at error",
    "payout_sum": "payout_id kind count amount_minor fee_minor net_minor",
    "reached_day": "day side name step count",
    "reached_month": "month side name step count",
    "receipt_year": "year last_number",
    "renewal_day": "day currency count",
    "rollup_stale": "id rollup key at",
    "rollup_state": "id terms checked_at differing",
    "stay_count": "scope since_month begun_as came_month out_month first plan why people",
    "stayer_count": "round_id plan tenure voted people stayed",
    "year_end": "day ended currency came years",
    "yearly_day": "day currency amount_minor gifts",
}
