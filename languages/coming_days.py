"""Which days are meant by what an answer claims: "Tuesday", "in two weeks", "the 15th", seen from today.

Everything here gives each day or span of days that can be meant; what lies behind today or too far ahead is kept
apart, so that it can be told why.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import partial
from itertools import product

from languages.calendar_spans import CALENDARS, Days, counted, days_on, named_month, one_day
from languages.date_figures import Order, day_and_month, of_figures, piece
from languages.time_claims import (
    YEARS,
    Calendar,
    Claim,
    Day,
    DayOfMonth,
    Figures,
    Month,
    Offset,
    Span,
    Weekday,
)
from languages.wanted_times import Asked, NotRead, Trouble, Wanted


def days_meant(
    claims: Sequence[Claim], asked: Asked, order: Order, loose: Mapping[int, int]
) -> tuple[Days, ...]:
    """Every day or span of days that all claims together can mean, from today to the last day asked for.

    Raises NotRead where there is none.
    """
    weekdays = {claim for claim in claims if isinstance(claim, Weekday)}
    numbers = {claim for claim in claims if isinstance(claim, DayOfMonth)}
    if len({one.day for one in weekdays}) > 1 or len({one.day for one in numbers}) > 1:
        raise NotRead(Trouble.SEVERAL)
    others = [claim for claim in claims if not isinstance(claim, Weekday | DayOfMonth)]
    weekday = max(weekdays, key=lambda one: one.next, default=None)
    number = next(iter(numbers), None)
    spans = _together([tuple(_spans(claim, asked, order, loose)) for claim in others])
    if not others:
        spans = tuple(_without_span(weekday, number, asked))
    elif weekday or number:
        spans = tuple(day for span in spans for day in _within(span, weekday, number, asked))
    return _bounded(spans, asked)


def _together(claimed: list[tuple[Days, ...]]) -> tuple[Days, ...]:
    """What lies in a span of every claim."""
    found: list[Days] = []
    for combination in product(*claimed) if claimed else ():
        first, last = max(one[0] for one in combination), min(one[1] for one in combination)
        if first <= last:
            found.append((first, last))
    if claimed and not found:
        raise NotRead(Trouble.SEVERAL)
    return tuple(dict.fromkeys(found))


def _bounded(spans: Sequence[Days], asked: Asked) -> tuple[Days, ...]:
    kept = [
        (max(first, asked.today), min(last, asked.last))
        for first, last in spans
        if last >= asked.today and first <= asked.last
    ]
    if not kept:
        raise NotRead(Trouble.TOO_FAR if any(last > asked.last for _, last in spans) else Trouble.PAST)
    return tuple(dict.fromkeys(kept))


def _spans(claim: Claim, asked: Asked, order: Order, loose: Mapping[int, int]) -> Iterator[Days]:
    match claim:
        case Offset():
            yield one_day(days_on(asked.today, claim.days))
        case Calendar():
            yield from CALENDARS[claim.unit](asked.today, claim.after)
        case Span():
            yield counted(claim, asked.today, loose)
        case Month():
            yield named_month(claim.month, asked.today)
        case Day():
            yield one_day(_dated(claim.year, claim.month, claim.day, asked))
        case Figures():
            yield from _in_figures(claim.parts, asked, order)
        case _:
            raise AssertionError(claim)


def _dated(year: int | None, month: int, day: int, asked: Asked) -> date:
    """The day; of days without a year the coming one, unless that is too far and the past one nearer."""
    try:
        if year is not None:
            return date(year, month, day)
        this = date(asked.today.year, month, day)
    except ValueError as error:
        raise NotRead(Trouble.NO_SUCH_DAY) from error
    if this >= asked.today:
        return this
    try:
        coming = this.replace(year=this.year + 1)
    except ValueError:  # 29 February
        return this
    return coming if coming <= asked.last or coming - asked.last < asked.today - this else this


def _in_figures(parts: tuple[str, ...], asked: Asked, order: Order) -> Iterator[Days]:
    pieces = tuple(piece(part) for part in parts)
    triples: list[tuple[int | None, int, int]] = []
    if len(parts) == 2:
        triples += [(None, *pair) for pair in day_and_month(pieces, order)]
    else:
        triples += [triple for triple in of_figures(pieces, order) if triple[0] in YEARS]
    days = []
    for triple in triples:
        try:
            days.append(_dated(*triple, asked))
        except NotRead:
            continue
    if not days:
        raise NotRead(Trouble.NO_SUCH_DAY)
    # A people with one order of its own reads the other only where its own makes no day.
    for day in days if order == "either" else days[:1]:
        yield one_day(day)


def _without_span(weekday: Weekday | None, number: DayOfMonth | None, asked: Asked) -> Iterator[Days]:
    if number is not None:
        yield from _day_of_month(number.day, weekday, asked.today)
    elif weekday is not None:
        yield from _coming_weekday(weekday, asked.today)


def _coming_weekday(weekday: Weekday, today: date) -> Iterator[Days]:
    """The coming day of that name. Today's own may be today's or the one in a week.

    "Next Tuesday" is the coming one to some, and next week's to others, where the coming one is of this week
    (which begins on Sunday to some, on Monday to others).
    """
    ahead = (weekday.day - today.weekday()) % 7
    coming = today + timedelta(days=ahead)
    a_week_on = coming + timedelta(weeks=1)
    if ahead == 0:
        if not weekday.next:
            yield one_day(today)
        yield one_day(a_week_on)
        return
    yield one_day(coming)
    from_monday = today.weekday() < weekday.day
    from_sunday = (today.weekday() + 1) % 7 < (weekday.day + 1) % 7
    if weekday.next and (from_monday or from_sunday):
        yield one_day(a_week_on)


def _day_of_month(number: int, weekday: Weekday | None, today: date) -> Iterator[Days]:
    """The coming day of that number; today's own may be today's or next month's."""
    try:
        day = today.replace(day=number)
        if day < today:
            day = _next_month(day)
    except ValueError as error:
        raise NotRead(Trouble.NO_SUCH_DAY) from error
    if weekday is not None:
        if day.weekday() != weekday.day:
            raise NotRead(Trouble.WRONG_WEEKDAY, Wanted(day, day))
        yield one_day(day)
        return
    yield one_day(day)
    if day == today:
        try:
            yield one_day(_next_month(day))
        except ValueError:
            return


def _next_month(day: date) -> date:
    year, month = divmod(day.year * 12 + day.month, 12)
    return date(year, month + 1, day.day)


def _within(span: Days, weekday: Weekday | None, number: DayOfMonth | None, asked: Asked) -> Iterator[Days]:
    """The days of a span that are that weekday, and have that number."""
    first, last = span
    days = [first + timedelta(days=ahead) for ahead in range(min((last - first).days, 62) + 1)]
    fits = partial(_fits, weekday=weekday, number=number)
    found = [day for day in days if fits(day)]
    if not found:
        if first == last and weekday is not None and number is None:
            raise NotRead(Trouble.WRONG_WEEKDAY, Wanted(first, first))
        if number is not None and not any(day.day == number.day for day in days):
            raise NotRead(Trouble.NO_SUCH_DAY if first != last else Trouble.SEVERAL)
        raise NotRead(Trouble.SEVERAL)
    still = [day for day in found if day >= asked.today]
    yield from (one_day(day) for day in still or found)


def _fits(day: date, weekday: Weekday | None, number: DayOfMonth | None) -> bool:
    return (weekday is None or day.weekday() == weekday.day) and (number is None or day.day == number.day)
