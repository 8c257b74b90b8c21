"""GET_SELLER_FEEDBACK_DATA: what buyers say of the seller. Dates and headers differ from store to store.

Columns and dates as public readers of real files know them. That headers are translated is known, into which words is
not: those here are a guess, and so is what buyers say, which follows from the order's number.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta
from zlib import crc32

from entrepot.model import Order, OrderStatus, business_date
from entrepot_amazon_sp.places import Place
from entrepot_amazon_sp.simulator.orders.people import word_buyer
from entrepot_amazon_sp.simulator.reports.data import Data, Row

COLUMNS = ("Date", "Rating", "Comments", "Response", "Order ID", "Rater Email")

HEADERS: Mapping[str, tuple[str, ...]] = {
    "de": ("Datum", "Bewertung", "Kommentare", "Antwort", "Bestellnummer", "E-Mail des Bewerters"),
    "es": ("Fecha", "Calificación", "Comentarios", "Respuesta", "Número de pedido", "Correo del evaluador"),
    "fr": ("Date", "Évaluation", "Commentaires", "Réponse", "Numéro de commande", "E-mail de l'évaluateur"),
    "it": ("Data", "Valutazione", "Commenti", "Risposta", "Numero ordine", "E-mail del valutatore"),
    "ja": ("日付", "評価", "コメント", "返信", "注文番号", "評価者のEメール"),
    "nl": ("Datum", "Beoordeling", "Opmerkingen", "Reactie", "Bestelnummer", "E-mail van beoordelaar"),
    "pl": ("Data", "Ocena", "Komentarze", "Odpowiedź", "Numer zamówienia", "E-mail oceniającego"),
    "pt": ("Data", "Classificação", "Comentários", "Resposta", "Número do pedido", "E-mail do avaliador"),
    "sv": ("Datum", "Betyg", "Kommentarer", "Svar", "Beställningsnummer", "E-post"),
    "tr": ("Tarih", "Puan", "Yorumlar", "Cevap", "Sipariş No", "Değerlendirenin e-posta adresi"),
}
"""By language, in the sequence of the columns. English where there is none."""

DATES: Mapping[str, Callable[[date], str]] = {
    "US": lambda day: f"{day.month}/{day.day}/{day:%y}",
    "DE": lambda day: f"{day.day}.{day.month}.{day:%y}",
    "JP": lambda day: f"{day:%y}/{day.month}/{day.day}",
    "SE": lambda day: day.isoformat(),
}
"""By store. All others write day/month/year; for South Africa that is a guess."""

ONE_IN = 5
"""Of so many orders that were sent, one is rated."""

SAID = ("Never came.", "Not as described.", "Fine.", "Good.", 'Fast and "well" packed.')
"""By rating, from one star to five. A quotation mark stands in a file as it is."""


def rows(data: Data) -> Iterator[Row]:
    """Newest first."""
    rated = [(at, order) for order in data.orders() if (at := _rated_at(order)) and data.covers(at)]
    for at, order in sorted(rated, key=lambda entry: (entry[0], entry[1].external_id), reverse=True):
        yield _row(order, at, data.places[0])


def _rated_at(order: Order) -> datetime | None:
    """One to fourteen days after it was sent."""
    chance = crc32(order.external_id.encode())
    if order.status is not OrderStatus.SHIPPED or chance % ONE_IN:
        return None
    return order.changed_at + timedelta(days=1 + chance // ONE_IN % 14)


def write_day(day: date, place: Place) -> str:
    return DATES.get(place.code, _day_first)(day)


def _day_first(day: date) -> str:
    return f"{day.day}/{day.month}/{day:%y}"


def _row(order: Order, at: datetime, place: Place) -> Row:
    rating = 1 + crc32(order.external_id[::-1].encode()) % len(SAID)
    day = business_date(at, place.time_zone)
    return {
        "Date": write_day(day, place),
        "Rating": str(rating),
        "Comments": SAID[rating - 1],
        "Order ID": order.external_id,
        "Rater Email": str(word_buyer(order)["buyerEmail"]),
    }
