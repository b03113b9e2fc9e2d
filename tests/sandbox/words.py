"""The checkout page's words in English and Ukrainian."""

from __future__ import annotations

from tests.sandbox.cards import Decline

LANGUAGES = ("en", "uk")

_WORDS = {
    "sandbox": ("Sandbox: no real money", "Пісочниця: несправжні гроші"),
    "try": (
        "Try 4242 4242 4242 4242, any later month and any security code.",
        "Спробуйте 4242 4242 4242 4242, будь-який майбутній місяць і будь-який код.",
    ),
    "back": ("Back", "Назад"),
    "subscribe_to": ("Subscribe to {name}", "Підписка: {name}"),
    "pay_for": ("Pay for {name}", "Оплата: {name}"),
    "per_day": ("per day", "щодня"),
    "per_week": ("per week", "щотижня"),
    "per_month": ("per month", "щомісяця"),
    "per_year": ("per year", "щороку"),
    "total": ("Total due today", "До сплати сьогодні"),
    "contact": ("Contact", "Контакт"),
    "email": ("Email", "Електронна пошта"),
    "pay_with": ("Pay with card", "Оплата карткою"),
    "number": ("Card number", "Номер картки"),
    "exp": ("Expiry", "Термін дії"),
    "exp_hint": ("MM / YY", "ММ / РР"),
    "cvc": ("CVC", "CVC"),
    "cvc_hint": ("3 or 4 digits", "3 або 4 цифри"),
    "name": ("Name on card", "Ім’я на картці"),
    "subscribe": ("Subscribe", "Підписатися"),
    "pay": ("Pay {amount}", "Сплатити {amount}"),
    "donate": ("Donate {amount}", "Пожертвувати {amount}"),
    "number_incomplete": ("Your card number is incomplete.", "Номер картки неповний."),
    "number_invalid": ("Your card number is invalid.", "Номер картки недійсний."),
    "exp_incomplete": (
        "Your card’s expiration date is incomplete.",
        "Термін дії картки вказано не повністю.",
    ),
    "exp_past": (
        "Your card’s expiration date is in the past.",
        "Термін дії картки вже минув.",
    ),
    "cvc_incomplete": (
        "Your card’s security code is incomplete.",
        "Код безпеки картки вказано не повністю.",
    ),
    "name_missing": ("Enter the name on the card.", "Вкажіть ім’я на картці."),
    "expired_title": ("This page has expired", "Термін дії цієї сторінки минув"),
    "expired_text": (
        "You were not charged. Go back to start again.",
        "З вас нічого не списано. Поверніться, щоб почати знову.",
    ),
    "complete_title": ("You’re all done here", "Тут усе готово"),
    "complete_text": (
        "This payment has already been made.",
        "Цей платіж уже здійснено.",
    ),
    "missing_title": ("Something went wrong", "Щось пішло не так"),
    "missing_text": (
        "This page could not be found. Check the address or go back to where you came from.",
        "Цю сторінку не знайдено. Перевірте адресу або поверніться назад.",
    ),
    "continue": ("Continue", "Продовжити"),
    "secure_title": ("Your bank asks: is it you?", "Ваш банк питає: це ви?"),
    "secure_text": (
        "3-D Secure test page. A real bank would ask for a code or your fingerprint here.",
        "Тестова сторінка 3-D Secure. Справжній банк попросив би тут код або відбиток пальця.",
    ),
    "secure_complete": ("Complete authentication", "Підтвердити"),
    "secure_fail": ("Fail authentication", "Відмовити"),
    "portal_title": ("Your support", "Ваша підтримка"),
    "portal_card": ("Use another card", "Інша картка"),
    "portal_card_save": ("Save card", "Зберегти картку"),
    "portal_cancel": ("Cancel subscription", "Скасувати підписку"),
    "portal_cancel_text": (
        "It lasts until {day} and is not charged again.",
        "Вона діє до {day}, і більше нічого не списується.",
    ),
    "portal_cancel_now": ("It ends at once.", "Вона припиняється відразу."),
    "portal_cancel_do": ("Cancel subscription", "Скасувати підписку"),
    "portal_reason": ("Why do you leave? (optional)", "Чому ви йдете? (необов’язково)"),
    "portal_comment": ("Anything else? (optional)", "Ще щось? (необов’язково)"),
    "portal_pause": ("Pause subscription", "Призупинити підписку"),
    "portal_pause_long": ("For how long?", "На скільки?"),
    "portal_pause_do": ("Pause subscription", "Призупинити підписку"),
    "portal_customer": ("Your details", "Ваші дані"),
    "portal_save": ("Save", "Зберегти"),
    "portal_go_on": ("Go on as before", "Продовжити, як раніше"),
    "portal_next": ("Next payment on {day}", "Наступний платіж {day}"),
    "portal_ends": ("Ends on {day}", "Закінчується {day}"),
    "portal_paused": ("Paused until {day}", "Призупинено до {day}"),
    "portal_invoices": ("Invoices", "Рахунки"),
    "portal_nothing": ("Nothing here.", "Тут нічого немає."),
    "portal_expired_title": ("This link has expired", "Це посилання вже не діє"),
    "portal_expired_text": (
        "It works once and for a short time. Go back and ask for another.",
        "Воно діє один раз і недовго. Поверніться й отримайте інше.",
    ),
    "portal_done_title": ("Done", "Готово"),
    "portal_done_text": ("Your change was saved.", "Вашу зміну збережено."),
    "full_name": ("Name", "Ім’я"),
    "phone": ("Phone", "Телефон"),
    "lasts_day": ("{count} × day", "{count} × день"),
    "lasts_week": ("{count} × week", "{count} × тиждень"),
    "lasts_month": ("{count} × month", "{count} × місяць"),
    "lasts_year": ("{count} × year", "{count} × рік"),
    "reason_customer_service": ("Customer service", "Обслуговування"),
    "reason_low_quality": ("Quality", "Якість"),
    "reason_missing_features": ("Something is missing", "Чогось бракує"),
    "reason_other": ("Another reason", "Інша причина"),
    "reason_switched_service": ("I support someone else", "Підтримую інших"),
    "reason_too_complex": ("Too complicated", "Занадто складно"),
    "reason_too_expensive": ("Too expensive", "Занадто дорого"),
    "reason_unused": ("I do not use it", "Не користуюся"),
    "invoice_title": ("Invoice {number}", "Рахунок {number}"),
    "invoice_state": ("State", "Стан"),
    "invoice_day": ("Date", "Дата"),
    "invoice_draft": ("draft", "чернетка"),
    "invoice_open": ("to be paid", "до сплати"),
    "invoice_paid": ("paid", "сплачено"),
    "invoice_void": ("void", "анульовано"),
    "invoice_uncollectible": ("uncollectible", "безнадійний"),
    "invoice_thanks": ("This invoice is paid. Thank you.", "Цей рахунок сплачено. Дякуємо."),
    "invoice_approve": ("Approve the payment", "Підтвердити платіж"),
    "invoice_approve_text": (
        "Your bank wants you to approve the payment from {card}.",
        "Ваш банк просить підтвердити платіж із картки {card}.",
    ),
    "invoice_approve_do": ("Go to your bank", "Перейти до банку"),
    "declined": ("Your card was declined.", "Вашу картку відхилено."),
}

#: Declines are worded by the bank's code; what is not here keeps Stripe's English sentence.
_DECLINES_UK = {
    "insufficient_funds": "На картці недостатньо коштів.",
    "generic_decline": "Вашу картку відхилено.",
    "lost_card": "Вашу картку відхилено.",
    "stolen_card": "Вашу картку відхилено.",
    "fraudulent": "Вашу картку відхилено.",
    "card_velocity_exceeded": "Карткою скористалися забагато разів, або перевищено її ліміт.",
    "expired_card": "Термін дії вашої картки минув.",
    "incorrect_cvc": "Код безпеки картки неправильний.",
    "processing_error": "Під час обробки картки сталася помилка. Спробуйте трохи згодом.",
    "payment_intent_authentication_failure": (
        "Не вдалося підтвердити вашу картку. Виберіть іншу й спробуйте ще раз."
    ),
}


class Words:
    """The words of one language, by key, as attributes of a call: `words("pay", amount=...)`."""

    def __init__(self, language: str) -> None:
        self.language = language if language in LANGUAGES else "en"

    def __call__(self, key: str, **values: str) -> str:
        pair = _WORDS[key]
        return pair[LANGUAGES.index(self.language)].format(**values)

    def decline(self, why: Decline) -> str:
        """Say why a card was refused."""
        if self.language == "uk":
            known = _DECLINES_UK.get(why.decline_code or why.code)
            return known or _DECLINES_UK.get(why.code, self("declined"))
        return why.message
