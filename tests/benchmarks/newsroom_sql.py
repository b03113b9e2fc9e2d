"""The statements of `newsroom_of`, in their order: people, pledges, gifts, and what became of them.

Chance is arithmetic on a row's number, so the same number of people makes the same newsroom.
"""

#: A number from 0 to 1 of a row, another one for each `salt`.
CHANCE = """
CREATE FUNCTION pg_temp.u(row_key bigint, salt bigint) RETURNS float8 LANGUAGE sql IMMUTABLE
RETURN ((hashint8extended(row_key, salt) & 1048575)::float8 / 1048576)
"""


ACCOUNTS = """
INSERT INTO account (id, email, name, locale, listed, session_version, created_at, role)
OVERRIDING SYSTEM VALUE
SELECT i, lower(first || '.' || last) || i || '@' || at, first || ' ' || last,
       CASE WHEN pg_temp.u(i, 50) < 0.5 THEN 'uk' ELSE 'en' END, false, 1,
       %(now)s::timestamptz - interval '5 years', NULL
FROM (
    SELECT i,
        (ARRAY['Olena','Ivan','Maria','Taras','Oksana','Petro','Iryna','Andriy','Sofia','Yuriy',
            'Anna','John','Emma','Lukas','Marta','Ihor','Nina','Bohdan','Clara','Roman'])
            [(1 + floor(pg_temp.u(i, 51) * 20))::int] AS first,
        (ARRAY['Koval','Shevchenko','Bondar','Tkach','Moroz','Lysenko','Kravets','Melnyk','Savchuk',
            'Polishchuk','Smith','Novak','Meyer','Rossi','Dubois','Hrytsenko','Marchuk','Rudenko',
            'Petrenko','Zinchenko','Boyko','Olijnyk','Klymenko','Pavlenko','Horbach'])
            [(1 + floor(pg_temp.u(i, 52) * 25))::int]
            || chr(97 + floor(pg_temp.u(i, 53) * 26)::int)
            || chr(97 + floor(pg_temp.u(i, 54) * 26)::int) AS last,
        (ARRAY['example.org','post.example','mail.example'])[(1 + floor(pg_temp.u(i,
            55) * 3))::int] AS at
    FROM generate_series(1, %(people)s::bigint) AS i
) AS person
"""

STAFF = """
INSERT INTO account (id, email, name, locale, listed, session_version, role)
OVERRIDING SYSTEM VALUE
SELECT %(people)s + 1, 'books@newsroom.example', 'Books', 'en', false, 1, 'finance'
"""

#: Every pledge there ever was: `key` is its number, `months` how long it lasts, pauses included.
#: Of a hundred people 88 pledge, and some of them a second time: later, or beside the first.
LIVES = """
CREATE TEMP TABLE life AS
WITH first AS (
    SELECT i AS key, i AS account_id, 1 AS turn,
           %(now)s::timestamptz - pg_temp.u(i, 5) * interval '1825 days' AS started_at
    FROM generate_series(1, %(people)s::bigint) AS i WHERE pg_temp.u(i, 1) < 0.88
), lasting AS (
    SELECT *, pg_temp.u(key, 2) < 0.85 AS monthly,
        CASE WHEN pg_temp.u(key, 2) < 0.85 THEN 1 + floor(ln(1 - pg_temp.u(key, 6)) / ln(0.96))
             ELSE 12 * (1 + floor(ln(1 - pg_temp.u(key, 6)) / ln(0.8))) END::int AS months
    FROM first
), second AS (
    SELECT %(people)s + key AS key, account_id, 2 AS turn,
        CASE WHEN pg_temp.u(key, 7) > 0.98 THEN started_at + pg_temp.u(key, 15) * interval '60 days'
             ELSE started_at + months * interval '1 month'
                  + (20 + 300 * pg_temp.u(key, 15)) * interval '1 day' END AS started_at
    FROM lasting WHERE pg_temp.u(key, 7) > 0.98 OR pg_temp.u(key, 7) < 0.12
), every AS (
    SELECT key, account_id, turn, started_at, monthly, months FROM lasting
    UNION ALL
    SELECT key, account_id, turn, started_at, pg_temp.u(key, 2) < 0.85,
        CASE WHEN pg_temp.u(key, 2) < 0.85 THEN 1 + floor(ln(1 - pg_temp.u(key, 6)) / ln(0.96))
             ELSE 12 * (1 + floor(ln(1 - pg_temp.u(key, 6)) / ln(0.8))) END::int
    FROM second WHERE started_at < %(now)s::timestamptz
), told AS (
    SELECT *, md5('pledge' || key)::uuid AS id,
        started_at + months * interval '1 month' AS until,
        CASE WHEN pg_temp.u(account_id, 3) < 0.7 THEN 'EUR'
             WHEN pg_temp.u(account_id, 3) < 0.9 THEN 'UAH' ELSE 'USD' END AS currency,
        CASE WHEN pg_temp.u(key, 8) < 0.55 THEN 'left' WHEN pg_temp.u(key, 8) < 0.90 THEN 'unpaid'
             WHEN pg_temp.u(key, 8) < 0.93 THEN 'disputed' ELSE 'unknown' END AS reason,
        CASE WHEN months > 3 AND pg_temp.u(key, 9) < 0.13
             THEN 1 + floor(pg_temp.u(key, 10) * (months - 2))::int END AS changes_after,
        CASE WHEN monthly AND months > 6 AND pg_temp.u(key, 9) > 0.95
              AND pg_temp.u(account_id, 7) <= 0.98
             THEN 1 + floor(pg_temp.u(key, 11) * (months - 4))::int END AS rests_after
    FROM every
), priced AS (
    SELECT *, CASE WHEN monthly THEN 1 ELSE 10 END * CASE WHEN currency = 'UAH' THEN 20 ELSE 1 END
        * CASE WHEN pg_temp.u(key, 4) < 0.9
               THEN (ARRAY[500, 1000, 2000, 500, 1000, 500, 300])[(1 + floor(pg_temp.u(key,
                   4) * 7))::int]
               ELSE 100 * (2 + floor(pg_temp.u(key, 12) * 58)::int) END::bigint AS amount_first
    FROM told
)
SELECT *,
    CASE WHEN changes_after IS NULL THEN amount_first
         WHEN pg_temp.u(key, 9) < 0.10 THEN amount_first * 2 ELSE amount_first / 2 END
             AS amount_then,
    started_at + changes_after * interval '1 month' + interval '5 days' AS changed_at,
    started_at + rests_after * interval '1 month' + interval '3 days' AS rested_at,
    started_at + (rests_after + 2) * interval '1 month' AS resumed_at,
    CASE WHEN until + CASE WHEN reason = 'unpaid' THEN interval '13 days'
                           ELSE interval '1 hour' END <= %(now)s::timestamptz
         THEN until + CASE WHEN reason = 'unpaid' THEN interval '13 days'
                           ELSE interval '1 hour' END END AS ended_at,
    CASE WHEN reason = 'unpaid' AND until <= %(now)s::timestamptz THEN until END AS failed_at
FROM priced
"""

LIVES_AGAIN = """
CREATE INDEX ON life (account_id);
CREATE INDEX ON life (key);
ANALYZE life
"""

#: What each pledge is at last. `amount` is what it came to before it is of interest any more.
PLEDGES = """
INSERT INTO pledge (id, account_id, status, interval, amount_minor, currency, article, created_at,
    stripe_customer_id, stripe_subscription_id, started_at, paid_until, next_payment_at, card_brand,
    card_last4, card_exp_year, card_exp_month, past_due_since, ends_at, ended_at,
    end_reason, seen_at)
SELECT id, account_id,
    CASE WHEN ended_at IS NOT NULL THEN CASE reason WHEN 'unpaid' THEN 'lapsed' ELSE 'ended' END
         WHEN failed_at IS NOT NULL THEN 'past_due'
         WHEN rested_at <= %(now)s::timestamptz AND resumed_at > %(now)s::timestamptz THEN 'paused'
         ELSE 'active' END,
    CASE WHEN monthly THEN 'month' ELSE 'year' END,
    CASE WHEN changed_at <= %(now)s::timestamptz THEN amount_then ELSE amount_first END,
    currency,
    CASE WHEN pg_temp.u(key, 13) < 0.6 THEN '/stories/story-'
         || (1 + floor(400 * pg_temp.u(key, 14) * pg_temp.u(key, 16))) END,
    started_at, 'cus_' || account_id, 'sub_' || key, started_at,
    CASE WHEN ended_at IS NOT NULL OR failed_at IS NOT NULL THEN until
         ELSE started_at + date_part('year', age(%(now)s::timestamptz, started_at))
              * interval '1 year' + CASE WHEN monthly
              THEN (date_part('month', age(%(now)s::timestamptz,
                  started_at)) + 1) * interval '1 month'
              ELSE interval '1 year' END END,
    CASE WHEN ended_at IS NULL THEN %(now)s::timestamptz + pg_temp.u(key,
        17) * interval '30 days' END,
    (ARRAY['visa','mastercard','amex','visa'])[1 + key %% 4], lpad((key %% 10000)::text, 4, '0'),
    date_part('year', %(now)s::timestamptz) + CASE WHEN pg_temp.u(key, 18) < 0.1 THEN 0 ELSE 2 END,
    1 + key %% 12,
    CASE WHEN ended_at IS NULL THEN failed_at END,
    CASE WHEN ended_at IS NULL AND reason = 'left'
         AND until < %(now)s::timestamptz + interval '30 days' THEN until END, ended_at,
    CASE WHEN ended_at IS NOT NULL THEN reason END,
    %(now)s::timestamptz
FROM life
"""

#: Every gift in the order it was received. Three renewals of a hundred come on the second attempt.
GIFTS = """
CREATE TEMP TABLE gift AS
SELECT row_number() OVER (ORDER BY at, key, k) AS id, * FROM (
    SELECT key, k, life.account_id, life.id AS pledge_id, currency, k >= 1 AND failing
        AS tried_twice,
        due AS due_at, due + CASE WHEN k >= 1 AND failing THEN interval '3 days'
                                  ELSE interval '0' END AS at,
        CASE WHEN due >= changed_at THEN amount_then ELSE amount_first END AS amount_minor
    FROM life,
        generate_series(0, CASE WHEN monthly THEN months ELSE months / 12 END - 1) AS k,
        LATERAL (SELECT pg_temp.u(key * 64 + k, 20) < 0.03 AS failing, started_at
                 + k * CASE WHEN monthly THEN interval '1 month' ELSE interval '1 year' END
                     AS due) AS d
    WHERE rests_after IS DISTINCT FROM k - 1
    UNION ALL
    SELECT -i, k, i, NULL, CASE WHEN pg_temp.u(i, 3) < 0.7 THEN 'EUR'
         WHEN pg_temp.u(i, 3) < 0.9 THEN 'UAH' ELSE 'USD' END, false, at, at,
         (ARRAY[1000, 2500, 5000, 1500])[1 + i %% 4] * CASE WHEN pg_temp.u(i, 3) BETWEEN 0.7 AND 0.9
         THEN 20 ELSE 1 END
    FROM generate_series(1, %(people)s::bigint) AS i, generate_series(0, i %% 5 / 4) AS k,
        LATERAL (SELECT %(now)s::timestamptz - pg_temp.u(i * 8 + k, 21) * interval '1825 days'
            AS at) AS d
    WHERE pg_temp.u(i, 1) >= 0.88 OR pg_temp.u(i, 22) < 0.03
) AS one
WHERE at <= %(now)s::timestamptz
"""

DONATIONS = """
INSERT INTO donation (id, account_id, source, pledge_id, amount_minor, cover_minor, currency,
    received_at, entered_at, card_brand, card_last4, stripe_invoice_id, stripe_payment_intent_id,
    stripe_charge_id, reference, entered_by_id, checkout_id)
OVERRIDING SYSTEM VALUE
SELECT id, account_id, CASE WHEN bank THEN 'bank' ELSE 'stripe' END, pledge_id, amount_minor,
    CASE WHEN NOT bank AND pg_temp.u(abs(key), 23) < 0.3 THEN amount_minor / 30 ELSE 0 END,
        currency,
    at, at, CASE WHEN NOT bank
        THEN (ARRAY['visa','mastercard','amex','visa'])[1 + abs(key) %% 4] END,
    CASE WHEN NOT bank THEN lpad((abs(key) %% 10000)::text, 4, '0') END,
    CASE WHEN pledge_id IS NOT NULL THEN 'in_' || key || '_' || k END,
    CASE WHEN NOT bank THEN 'pi_' || lpad(id::text, 12, '0') END,
    CASE WHEN NOT bank THEN 'ch_' || lpad(id::text, 12, '0') END,
    CASE WHEN bank THEN 'Gift' END, CASE WHEN bank THEN %(people)s + 1 END,
    CASE WHEN pledge_id IS NULL AND NOT bank THEN md5('once' || id)::uuid END
FROM (SELECT *, pledge_id IS NULL AND key %% 10 = 0 AS bank FROM gift) AS gift
ORDER BY id
"""

FEES = """
INSERT INTO donation_fee (donation_id, fee_minor, net_minor, currency,
    stripe_balance_transaction_id, entered_at)
SELECT id, fee, settled - fee, 'EUR', 'txn_' || lpad(id::text, 12, '0'), received_at
FROM (
    SELECT *, 25 + settled * 15 / 1000 AS fee FROM (
        SELECT *, CASE currency WHEN 'EUR' THEN amount_minor WHEN 'USD' THEN amount_minor * 9 / 10
                                ELSE amount_minor / 40 END AS settled
        FROM donation WHERE source = 'stripe'
            AND received_at < %(now)s::timestamptz - interval '1 hour'
    ) AS rated
) AS gift ORDER BY id
"""

RECEIPTS = """
INSERT INTO receipt (donation_id, year, number, issued_on, donor_name, locale)
SELECT id, year, row_number() OVER (PARTITION BY year ORDER BY id), day, 'Somebody', 'en'
FROM (SELECT id, (received_at AT TIME ZONE %(zone)s)::date AS day,
             date_part('year', received_at AT TIME ZONE %(zone)s)::int AS year FROM donation)
                 AS gift
ORDER BY id
"""

RECEIPT_YEARS = """
INSERT INTO receipt_year (year, last_number) SELECT year, max(number) FROM receipt GROUP BY year
"""
