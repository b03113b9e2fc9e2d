"""The statements of `newsroom_of` that follow the gifts: failures, movements, votes, letters."""

#: The first attempts that another one made good, and the four of a pledge that was lost by them.
FAILURES = """
INSERT INTO failed_payment (pledge_id, stripe_invoice_id, attempt, amount_minor, currency,
    failed_at, next_attempt_at, remedy, decline_code, entered_at)
SELECT pledge_id, invoice, attempt, amount_minor, currency, failed_at, next_at,
    CASE WHEN chance < 0.6 THEN 'wait' WHEN chance < 0.85 THEN 'new_card'
         WHEN chance < 0.95 THEN 'ask_bank' ELSE 'approve' END,
    CASE WHEN chance < 0.6 THEN 'insufficient_funds' WHEN chance < 0.85 THEN 'expired_card'
         WHEN chance < 0.95 THEN 'do_not_honor' ELSE 'authentication_required' END,
    failed_at
FROM (
    SELECT pledge_id, 'in_' || key || '_' || k AS invoice, 1 AS attempt, amount_minor, currency,
        due_at AS failed_at, due_at + interval '3 days' AS next_at, pg_temp.u(key + k, 24) AS chance
    FROM gift WHERE tried_twice
    UNION ALL
    SELECT id, 'in_' || key || '_' || months, attempt + 1, amount_then, currency,
        failed_at + attempt * interval '3 days',
        CASE WHEN attempt < 3 THEN failed_at + (attempt + 1) * interval '3 days' END,
        pg_temp.u(key, 24)
    FROM life, generate_series(0, 3) AS attempt
    WHERE failed_at IS NOT NULL AND failed_at + attempt * interval '3 days' <= %(now)s::timestamptz
) AS tried ORDER BY failed_at, invoice
"""

#: As the services enter them: what recurs begins, changes, rests, and ends.
MOVEMENTS = """
INSERT INTO pledge_movement (account_id, pledge_id, kind, cause, yearly_minor, currency, interval,
    at, entered_at)
WITH moved AS (
    SELECT one.*, CASE WHEN beside THEN 'up' WHEN turn = 1 THEN 'new' ELSE 'returning' END AS kind,
        CASE WHEN beside THEN 'another_pledge' ELSE 'first_gift' END AS cause, amount_first AS by,
        started_at AS at, 0 AS place
    FROM life AS one, LATERAL (SELECT EXISTS (
        SELECT FROM life AS other WHERE other.account_id = one.account_id AND other.turn < one.turn
            AND (other.ended_at IS NULL OR other.ended_at > one.started_at)) AS beside) AS b
    UNION ALL
    SELECT one.*, CASE WHEN amount_then > amount_first THEN 'up' ELSE 'down' END, 'terms',
        amount_then - amount_first, changed_at, 1
    FROM life AS one WHERE changed_at <= %(now)s::timestamptz
    UNION ALL
    SELECT one.*, 'paused', 'pause', -amount_first, rested_at, 1
    FROM life AS one WHERE rested_at <= %(now)s::timestamptz
    UNION ALL
    SELECT one.*, 'resumed', 'resume', amount_first, resumed_at, 2
    FROM life AS one WHERE resumed_at <= %(now)s::timestamptz
    UNION ALL
    SELECT one.*, CASE WHEN beside THEN 'down' WHEN reason = 'left' THEN 'left'
             WHEN reason IN ('unpaid', 'disputed') THEN 'lapsed' ELSE 'ended' END, reason,
        CASE WHEN changed_at <= %(now)s::timestamptz THEN -amount_then ELSE -amount_first END,
        ended_at, 3
    FROM life AS one, LATERAL (SELECT EXISTS (
        SELECT FROM life AS other WHERE other.account_id = one.account_id AND other.key <> one.key
            AND other.started_at <= one.ended_at
            AND (other.ended_at IS NULL OR other.ended_at > one.ended_at)) AS beside) AS b
    WHERE ended_at IS NOT NULL
)
SELECT account_id, id, kind, cause, by * CASE WHEN monthly THEN 12 ELSE 1 END, currency,
    CASE WHEN monthly THEN 'month' ELSE 'year' END, at, at
FROM moved ORDER BY at, place, key
"""

#: What patrons asked for, and why they said they leave.
CHANGES = """
INSERT INTO pledge_change (id, pledge_id, kind, via, asked_at, applied_at, amount_before,
    interval_before, amount_after, interval_after, resumes_at, reason)
SELECT md5(kind || key)::uuid, id, kind, 'page', at, at, amount_before,
    CASE WHEN monthly THEN 'month' ELSE 'year' END, amount_after,
    CASE WHEN amount_after IS NOT NULL THEN CASE WHEN monthly THEN 'month' ELSE 'year' END END,
    CASE WHEN kind = 'pause' THEN resumed_at END, said
FROM (
    SELECT life.*, 'leave' AS kind, until - interval '9 days' AS at, amount_then AS amount_before,
        NULL::bigint AS amount_after,
        (ARRAY['too_expensive','for_a_while','meant_once','content','technical','other',NULL,NULL])
            [(1 + floor(pg_temp.u(key, 25) * 8))::int] AS said
    FROM life WHERE reason = 'left' AND ended_at IS NOT NULL
    UNION ALL
    SELECT life.*, 'pause', rested_at, amount_first, NULL, NULL
    FROM life WHERE rested_at <= %(now)s::timestamptz
    UNION ALL
    SELECT life.*, 'resume', resumed_at, amount_first, NULL, NULL
    FROM life WHERE resumed_at <= %(now)s::timestamptz
    UNION ALL
    SELECT life.*, 'amount', changed_at, amount_first, amount_then, NULL
    FROM life WHERE changed_at <= %(now)s::timestamptz
) AS change ORDER BY at
"""

#: Of a thousand gifts five go back, and of ten thousand three are contested.
REFUNDS = """
INSERT INTO refund (id, donation_id, amount_minor, currency, status, reason, note, tells,
    ends_pledge, asked_at, settled_at, stripe_refund_id)
SELECT md5('refund' || id)::uuid, id, amount_minor, currency, 'succeeded',
    (ARRAY['asked_for','duplicate','mistake','fraud'])[(1 + floor(pg_temp.u(id, 31) * 4))::int], '',
    true, false, received_at + interval '2 hours', received_at + interval '2 hours', 're_' || id
FROM donation WHERE source = 'stripe' AND pg_temp.u(id, 30) < 0.005
    AND received_at < %(now)s::timestamptz - interval '3 hours'
"""

DISPUTES = """
INSERT INTO dispute (stripe_dispute_id, donation_id, amount_minor, currency, status, reason,
    opened_at, closed_at, seen_at)
SELECT 'dp_' || id, id, amount_minor, currency, 'lost',
    (ARRAY['fraudulent','unrecognized','subscription_canceled'])[1 + id %% 3],
    received_at + interval '20 days', received_at + interval '40 days',
    received_at + interval '40 days'
FROM donation WHERE source = 'stripe' AND pg_temp.u(id, 32) < 0.0003
    AND pg_temp.u(id, 30) >= 0.005 AND received_at < %(now)s::timestamptz - interval '40 days'
ORDER BY id
"""

ADJUSTMENTS = """
INSERT INTO adjustment (donation_id, kind, refund_id, dispute_id, amount_minor, currency,
    settled_minor, fee_minor, net_minor, settled_currency, stripe_balance_transaction_id,
    happened_at, entered_at)
SELECT donation_id, kind, refund_id, dispute_id, -amount_minor, currency,
    -(fee.fee_minor + fee.net_minor), 0, -(fee.fee_minor + fee.net_minor), fee.currency,
    'txn_' || kind || donation_id, at, at
FROM (
    SELECT donation_id, 'refund' AS kind, id AS refund_id, NULL::bigint AS dispute_id, amount_minor,
        currency AS in_, settled_at AS at FROM refund
    UNION ALL
    SELECT donation_id, 'dispute', NULL, id, amount_minor, currency, opened_at FROM dispute
) AS moved JOIN donation_fee AS fee USING (donation_id)
ORDER BY at, donation_id
""".replace("-amount_minor, currency,", "-amount_minor, in_,", 1)

#: Forty rounds, one a month; of the latest twelve the whole roll, of the others every fourth.
ROUNDS = """
INSERT INTO voting_round (id, slug, title, intro, max_choices, seats, opens_at, closes_at, status,
    method, tie_rule, roll_rule, seed_commit, seed_sealed, ballots_root, frozen_at, told_at,
    closed_at, tallied_at, published_at, created_at)
OVERRIDING SYSTEM VALUE
SELECT 41 - n, 'round-' || n, 'Round ' || n, '', 3, 1, closes - interval '9 days', closes,
    'published', 'most_wanted', 'lot', 'patron_when_casting', sha256('seed'), 'seed',
    sha256('root'),
    closes - interval '9 days', closes - interval '9 days', closes, closes, closes,
    closes - interval '10 days'
FROM generate_series(1, 40) AS n,
    LATERAL (SELECT %(now)s::timestamptz - n * interval '30 days' AS closes) AS c
"""

ROLLS = """
INSERT INTO roll_entry (round_id, account_id, eligible, reason)
SELECT DISTINCT voting_round.id, life.account_id, true, 'patron'
FROM voting_round JOIN life ON started_at <= closes_at
    AND (ended_at IS NULL OR ended_at > closes_at)
    AND (voting_round.id > 28 OR life.account_id %% 4 = 0)
ORDER BY 1, 2
"""

PARTICIPATIONS = """
INSERT INTO participation (round_id, account_id, first_cast_on)
SELECT round_id, account_id, (closes_at - interval '3 days')::date
FROM roll_entry JOIN voting_round ON voting_round.id = round_id
WHERE pg_temp.u(account_id, 60) * pg_temp.u(account_id * 64 + round_id, 61) < 0.2
ORDER BY 1, 2
"""

#: The receipts of the last year as letters; the older ones are left out.
LETTERS = """
INSERT INTO letter (id, kind, matter, account_id, urgency, created_at, sent_at, attempts)
SELECT md5('letter' || id)::uuid, 'receipt', id::text, account_id, 5, received_at,
    received_at + interval '20 seconds', 1
FROM donation WHERE received_at > %(now)s::timestamptz - interval '1 year'
ORDER BY id
"""
