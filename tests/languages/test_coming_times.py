"""When people say that they want to come: the table of coming_times.yaml, and what holds for whatever is said.

The question of the table is asked on Wednesday, 25 November 2026; visits begin from 8 to 17 o'clock.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dialogue.controls import asked_for
from dialogue.said import Said
from languages import load, say
from languages.coming_times import read_coming, read_coming_keys
from languages.wanted_times import Asked, Trouble, Unread, Wanted

TODAY = date(2026, 11, 25)
ASKED = Asked(TODAY, date(2027, 5, 24), (time(8), time(17)))
TABLE: dict[str, dict[str, str]] = yaml.safe_load(
    Path(__file__).with_name("coming_times.yaml").read_text(encoding="utf-8")
)
TAGS = st.sampled_from(sorted(load()))
CHANNELS = st.sampled_from(("voice", "text"))
SUNDAY, MONDAY, TUESDAY, SATURDAY = (date(2026, 11, day) for day in (22, 23, 24, 28))


def short(found: Wanted | Unread) -> str:
    """ "12-01 15:00", "12-01..12-07 morning", "any 14:00-16:00", "soon", "? which: 11-25 | 12-02"."""
    if isinstance(found, Unread):
        candidates = " | ".join(map(short, found.candidates))
        return f"? {found.trouble}" + (f": {candidates}" if candidates else "")
    days = f"{found.first:%m-%d}" if found.exact_day else f"{found.first:%m-%d}..{found.last:%m-%d}"
    if found.any_day:
        days = "soon" if found.soonest else "any"
    bounds = [one.isoformat("minutes") if one else "" for one in (found.earliest, found.latest)]
    when = found.at.isoformat("minutes") if found.at else found.part or "-".join(bounds)
    return f"{days} {when}".removesuffix(" -")


def _lines() -> Iterator[Any]:
    for tag, lines in TABLE.items():
        for said, meant in lines.items():
            yield pytest.param(tag, said, meant, id=f"{tag}-{said[:40]}")


@pytest.mark.parametrize(("tag", "said", "meant"), list(_lines()))
def test_what_is_said_of_a_time_is_what_is_read(tag: str, said: str, meant: str) -> None:
    assert short(read_coming(said, load()[tag], ASKED)) == meant


@pytest.mark.parametrize("tag", sorted(load()))
def test_every_language_has_a_table(tag: str) -> None:
    assert len(TABLE[tag]) >= 60


@pytest.mark.parametrize(("tag", "said", "meant"), [line for line in _lines() if "?" not in line.values[2]])
def test_no_time_is_taken_for_a_word_that_steers(tag: str, said: str, meant: str) -> None:
    assert asked_for(Said(text=said), load()[tag], load().values()) is None


OTHER_DAYS = [
    # On which day, in which language, what is said, what is read
    (TUESDAY, "en", "tuesday", "? which: 11-24 | 12-01"),
    (TUESDAY, "en", "next tuesday", "12-01"),
    (TUESDAY, "en", "tuesday at 3", "? which: 11-24 15:00 | 12-01 15:00"),
    (SUNDAY, "en", "next tuesday", "? which: 11-24 | 12-01"),
    (MONDAY, "en", "next tuesday", "? which: 11-24 | 12-01"),
    (SATURDAY, "en", "next tuesday", "12-01"),
    (SATURDAY, "en", "next sunday", "? which: 11-29 | 12-06"),
    (SUNDAY, "en", "tuesday", "11-24"),
    (SUNDAY, "en", "next week", "? which: 11-23..11-29 | 11-30..12-06"),
    (SUNDAY, "en", "this weekend", "11-22"),
    (SATURDAY, "en", "this weekend", "11-28..11-29"),
    (SUNDAY, "es", "el próximo martes", "? which: 11-24 | 12-01"),
    (SUNDAY, "ht", "madi pwochen", "? which: 11-24 | 12-01"),
    (SUNDAY, "ko", "다음 주 화요일", "? which: 11-24 | 12-01"),
    (MONDAY, "ko", "다음 주 화요일", "12-01"),
    (MONDAY, "ko", "이번 주 화요일", "11-24"),
    (date(2026, 12, 15), "en", "the 15th", "? which: 12-15 | 01-15"),
    (date(2026, 12, 31), "en", "tomorrow", "01-01"),
    (date(2026, 12, 31), "es", "el 15", "01-15"),
    (date(2027, 1, 31), "en", "in a month", "02-21..03-07"),
    (date(2027, 2, 28), "en", "february 29", "? no such day"),
    (date(2028, 2, 1), "en", "february 29", "02-29"),
    (date(2026, 12, 20), "en", "3/4", "03-04"),
    (date(2026, 12, 20), "en", "december 19", "? past"),
]


@pytest.mark.parametrize(("today", "tag", "said", "meant"), OTHER_DAYS)
def test_what_is_said_depends_on_the_day_it_is_said(today: date, tag: str, said: str, meant: str) -> None:
    asked = Asked(today, today + timedelta(days=120), (time(8), time(17)))
    assert short(read_coming(said, load()[tag], asked)) == meant


@pytest.mark.parametrize(
    ("hours", "meant"),
    [
        ((time(8), time(17)), "12-01 08:00"),
        ((time(12), time(20)), "12-01 20:00"),
        ((time(8), time(20)), "? which: 12-01 08:00 | 12-01 20:00"),
        ((time(9), time(17)), "? which: 12-01 08:00 | 12-01 20:00"),
        (None, "? which: 12-01 08:00 | 12-01 20:00"),
    ],
)
def test_morning_or_evening_is_told_only_by_hours_that_allow_one(
    hours: tuple[time, time] | None, meant: str
) -> None:
    assert short(read_coming("tuesday at 8", load()["en"], Asked(TODAY, ASKED.last, hours))) == meant


def test_a_day_in_figures_of_a_language_of_either_order_is_read_where_only_one_can_be() -> None:
    soon = Asked(TODAY, date(2027, 3, 10))
    assert short(read_coming("3/4", load()["es"], soon)) == "03-04"
    assert short(read_coming("3/4", load()["es"], ASKED)) == "? which: 03-04 | 04-03"


def test_a_time_has_a_window_around_it() -> None:
    found = read_coming("tuesday at 3", load()["en"], ASKED)
    assert isinstance(found, Wanted)
    assert (found.earliest, found.latest) == (time(14), time(16))
    early = read_coming("tuesday at midnight", load()["en"], ASKED)
    assert isinstance(early, Wanted)
    assert (early.earliest, early.latest) == (time(0), time(1))


@pytest.mark.parametrize(
    ("keys", "meant"),
    [
        ("0315", "03-15"),
        ("1125", "11-25"),
        ("03152027", "03-15"),
        ("3*15", "03-15"),
        ("3*5*2027", "03-05"),
        ("03*15#", "03-15"),
        ("1120", "? past"),
        ("11202026", "? past"),
        ("0231", "? no such day"),
        ("1503", "? no such day"),
        ("0630", "? too far"),
        ("03152035", "? too far"),
        ("0", "? not a time"),
        ("315", "? not a time"),
        ("3", "? not a time"),
        ("*#", "? not a time"),
        ("3*15*27", "? not a time"),
        ("00000000", "? no such day"),
    ],
)
def test_keys_are_a_month_and_a_day(keys: str, meant: str) -> None:
    assert short(read_coming_keys(keys, ASKED)) == meant


@settings(max_examples=400, deadline=None)
@given(
    st.integers(0, 180),
    st.integers(0, 24 * 60 - 1),
    st.dates(date(2026, 1, 1), date(2030, 1, 1)),
    TAGS,
    CHANNELS,
)
@example(0, 0, TODAY, "ht", "voice")
@example(0, 12 * 60, TODAY, "es", "voice")
@example(180, 13 * 60, TODAY, "es", "text")
def test_every_visit_as_we_say_it_is_read_back(
    ahead: int, minute: int, today: date, tag: str, channel: Any
) -> None:
    day, clock = today + timedelta(days=ahead), time(*divmod(minute, 60))
    at = datetime.combine(day, clock, ZoneInfo("UTC")).isoformat()
    said = say({"kind": "visit_time", "at": at, "zone": "UTC"}, load()[tag], channel)
    found = read_coming(said, load()[tag], Asked(today, today + timedelta(days=180), (time(8), time(17))))
    assert isinstance(found, Wanted), said
    assert (found.first, found.last, found.at) == (day, day, clock)


PARTS = st.sampled_from(("morning", "afternoon"))


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 180), PARTS, TAGS, CHANNELS)
def test_a_part_of_a_day_as_we_say_it_is_read_back(ahead: int, part: str, tag: str, channel: Any) -> None:
    day = (TODAY + timedelta(days=ahead)).isoformat()
    said = say({"kind": "wanted_time", "first": day, "last": day, "part": part}, load()[tag], channel)
    found = read_coming(said, load()[tag], ASKED)
    assert isinstance(found, Wanted), said
    assert (found.first.isoformat(), found.last.isoformat(), found.part) == (day, day, part)


@pytest.mark.parametrize("tag", sorted(load()))
def test_as_soon_as_possible_and_any_time_are_read_back(tag: str) -> None:
    for soonest in (True, False):
        wanted = {"kind": "wanted_time", "any_day": True, "soonest": soonest}
        found = read_coming(say(wanted, load()[tag], "text"), load()[tag], ASKED)
        assert isinstance(found, Wanted)
        assert (found.any_day, found.soonest) == (True, soonest)


PIECES = sorted({word for lines in TABLE.values() for said in lines for word in said.split()})
TEXTS = st.one_of(
    st.text(max_size=200),
    st.text(alphabet="0123456789/-.,: *#hap", max_size=30),
    st.lists(st.sampled_from(PIECES), max_size=14).map(" ".join),
    st.lists(st.sampled_from(PIECES), max_size=8).map("".join),
)


@settings(max_examples=1500, deadline=None)
@given(TEXTS, TAGS, st.dates(date(2024, 1, 1), date(2032, 1, 1)), st.booleans())
@example("the " * 40, "en", TODAY, True)
@example("tuesday 3 " * 16, "en", TODAY, True)
@example("다음" * 80, "ko", TODAY, True)
@example("a las 2 a las 4 de la " * 7, "es", TODAY, True)
def test_nothing_breaks_the_reader_and_nothing_is_read_as_a_day_out_of_bounds(
    text: str, tag: str, today: date, by_text: bool
) -> None:
    asked = Asked(today, today + timedelta(days=180), (time(8), time(17)))
    found = read_coming(text, load()[tag], asked) if by_text else read_coming_keys(text, asked)
    wanted = found.candidates if isinstance(found, Unread) else (found,)
    for one in wanted:
        if isinstance(found, Unread) and found.trouble is Trouble.WRONG_WEEKDAY:
            continue
        assert today <= one.first <= one.last <= asked.last
        assert one.earliest is None or one.latest is None or one.earliest < one.latest
    if isinstance(found, Unread) and found.trouble is Trouble.WHICH:
        assert len(set(found.candidates)) == len(found.candidates) >= 2


NAMED = {"en": "tuesday", "es": "el martes", "ht": "madi", "ko": "화요일"}


@pytest.mark.parametrize(
    ("tag", "word"), [(tag, word) for tag in sorted(load()) for word in load()[tag].words["not"]]
)
def test_a_day_with_a_not_beside_it_is_never_that_day(tag: str, word: str) -> None:
    for said in (f"{word} {NAMED[tag]}", f"{NAMED[tag]} {word}"):
        assert isinstance(read_coming(said, load()[tag], ASKED), Unread), said
