"""The statements of `newsroom_of` about how givers came, and how what they gave reached the bank.

They read the pledges and gifts there are, so they follow all others.
"""

#: What was begun for each pledge and each gift given once by card; and by two in five, then left.
CHECKOUTS = """
INSERT INTO checkout (id, account_id, pledge_id, interval, amount_minor, currency, article, locale,
    status, created_at, closed_at, device)
SELECT *, CASE WHEN pg_temp.u(hashtextextended(one.id::text, 0), 70) < 0.6 THEN 'phone'
               ELSE 'desktop' END
FROM (
    SELECT md5('checkout' || id)::uuid AS id, account_id, id AS pledge_id, interval, amount_minor,
        currency, article, 'en', 'paid', started_at - interval '2 minutes' AS at, started_at
    FROM pledge
    UNION ALL
    SELECT checkout_id, account_id, NULL, 'once', amount_minor, currency, NULL, 'en', 'paid',
        received_at - interval '2 minutes', received_at
    FROM donation WHERE checkout_id IS NOT NULL
    UNION ALL
    SELECT md5('left' || id)::uuid, id, NULL, 'once', 1000, 'EUR', NULL, 'en', 'expired',
        left_at, left_at + interval '1 day'
    FROM account, LATERAL (SELECT %(now)s::timestamptz - interval '2 days'
        - pg_temp.u(id, 71) * interval '1820 days' AS left_at) AS l
    WHERE pg_temp.u(id, 72) < 0.4
) AS one ORDER BY at, id
"""

#: Of five who gave three came by a link that told something: an article, and some a campaign.
TOUCHES = """
INSERT INTO touch (checkout_id, turn, pledge_id, "on", article, campaign, source, medium, referrer,
    title)
SELECT *, 'The story of ' || split_part(article, '/', 3)
FROM (SELECT id, turn, pledge_id,
    (created_at AT TIME ZONE %(zone)s)::date
        - CASE turn WHEN 'first' THEN floor(20 * pg_temp.u(key, 75))::int ELSE 0 END,
    CASE WHEN pg_temp.u(key, 73 + n) < 0.8 THEN '/stories/story-'
         || (1 + floor(400 * pg_temp.u(key, 76 + n) * pg_temp.u(key, 78 + n))) END AS article,
    CASE WHEN pg_temp.u(key, 80 + n) < 0.4 THEN 'campaign-' || to_char(created_at, 'YYYY-MM') END,
    CASE WHEN pg_temp.u(key, 80 + n) < 0.7
         THEN (ARRAY['newsletter','facebook','partner'])[1 + abs(key) %% 3] END,
    CASE WHEN pg_temp.u(key, 80 + n) < 0.7 THEN 'link' END, 'news.example'
FROM (SELECT *, hashtextextended(id::text, 1) / 2 AS key FROM checkout WHERE status = 'paid')
    AS begun, (VALUES ('first', 0), ('last', 1)) AS turns (turn, n)
WHERE pg_temp.u(key, 74) < 0.6) AS touched
"""

CAMPAIGNS = """
INSERT INTO campaign (name, starts_on, ends_on, currency, goal_minor, cost_minor, stated_at)
SELECT 'campaign-' || to_char(month, 'YYYY-MM'), month::date, month::date + 27, 'EUR',
    1000 * %(people)s::bigint / 60, 20 * %(people)s::bigint / 60, month
FROM generate_series(date_trunc('month', %(now)s::timestamptz) - interval '59 months',
    date_trunc('month', %(now)s::timestamptz), interval '1 month') AS month
"""

#: Two years of steps; as many pairs of campaign and article are told apart as there are readers.
FUNNEL = """
INSERT INTO funnel_day (day, step, language, device, campaign, article, count)
SELECT day::date, step, language, device,
    CASE WHEN pair %% 3 = 0 THEN 'campaign-' || to_char(day, 'YYYY-MM') ELSE '' END,
    CASE WHEN pair = 0 THEN '' ELSE '/stories/story-' || pair END,
    1 + floor(400 / place * pg_temp.u(pair * 1000 + place, 85))
FROM generate_series(%(now)s::timestamptz - interval '730 days', %(now)s::timestamptz,
        interval '1 day') AS day,
    unnest(ARRAY['seen', 'sent', 'opened']) WITH ORDINALITY AS steps (step, place),
    unnest(ARRAY['en', 'uk']) AS language, unnest(ARRAY['phone', 'desktop']) AS device,
    generate_series(0, greatest(4, least(100, %(people)s::bigint / 10000))) AS pair
"""

#: Every day's movements of the balance are sent to the bank, but for those of the last three days.
PAYOUT_SUMS = """
INSERT INTO payout_sum (payout_id, kind, count, amount_minor, fee_minor, net_minor)
SELECT (at AT TIME ZONE 'UTC')::date - date '2000-01-01', kind, count(*), sum(fee + net), sum(fee),
    sum(net)
FROM (
    SELECT received_at AS at, 'gift' AS kind, fee_minor AS fee, net_minor AS net
    FROM donation_fee JOIN donation ON donation.id = donation_id
    UNION ALL
    SELECT happened_at, kind, fee_minor, net_minor FROM adjustment
) AS moved
WHERE at < date_trunc('day', %(now)s::timestamptz, 'UTC') - interval '3 days'
GROUP BY 1, 2
"""

PAYOUTS = """
INSERT INTO payout (id, stripe_payout_id, amount_minor, currency, status, automatic, arrives_on,
    made_at, read_at, held_minor, seen_at, listed)
OVERRIDING SYSTEM VALUE
SELECT payout_id, 'po_' || payout_id, sum(net_minor), 'EUR', 'paid', true,
    date '2000-01-01' + payout_id::int + 3, made_at, made_at, sum(net_minor), made_at, true
FROM payout_sum, LATERAL (
    SELECT (date '2000-01-01' + payout_id::int + 1)::timestamptz AS made_at) AS made
GROUP BY payout_id, made_at
"""

#: What the payouts of the last quarter hold; the entries of the older ones are left out.
PAYOUT_ENTRIES = """
INSERT INTO payout_entry (payout_id, stripe_balance_transaction_id, kind, stripe_type,
    stripe_source_id, amount_minor, fee_minor, net_minor, currency, happened_at)
SELECT (at AT TIME ZONE 'UTC')::date - date '2000-01-01', txn, kind, type, about, fee + net, fee,
    net, currency, at
FROM (
    SELECT received_at AS at, 'gift' AS kind, 'charge' AS type, stripe_charge_id AS about,
        fee_minor AS fee, net_minor AS net, donation_fee.currency,
        stripe_balance_transaction_id AS txn
    FROM donation_fee JOIN donation ON donation.id = donation_id
    UNION ALL
    SELECT happened_at, kind, kind, NULL, fee_minor, net_minor, settled_currency,
        stripe_balance_transaction_id
    FROM adjustment WHERE stripe_balance_transaction_id IS NOT NULL
) AS moved
WHERE at < date_trunc('day', %(now)s::timestamptz, 'UTC') - interval '3 days'
    AND at >= date_trunc('day', %(now)s::timestamptz, 'UTC') - interval '93 days'
ORDER BY at, txn
"""

LOOKED = """
INSERT INTO payout_look (id, looked_at) VALUES (1, %(now)s)
"""

STEPS = (
    ("checkout", CHECKOUTS),
    ("touch", TOUCHES),
    ("campaign", CAMPAIGNS),
    ("funnel_day", FUNNEL),
    ("payout_sum", PAYOUT_SUMS),
    ("payout", PAYOUTS),
    ("payout_entry", PAYOUT_ENTRIES),
    ("payout_look", LOOKED),
)
