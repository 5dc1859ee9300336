"""Events of a calendar become visits and time off at the right moment; a mistake becomes a sentence that helps."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from care.importing_file import FileProblem
from care.scheduling.calendar_lines import LONGEST
from care.scheduling.calendar_reading import read_calendar
from tests.care.scheduling.calendar_files import (
    FILES,
    HALF_AN_HOUR,
    NOW,
    TERMS,
    calendar,
    event,
    read,
    sentences,
    visit,
    written,
)


def starts(entries: object) -> list[str]:
    return [f"{one.starts_at:%Y-%m-%d %H:%M}" for one in getattr(entries, "visits", ())]


def test_whichever_way_a_zone_is_named_the_moment_is_the_same_hour_in_boston() -> None:
    entries = read_calendar(FILES / "clinic.ics", TERMS, NOW)
    assert sentences(entries) == []
    named = {one.uid: (f"{one.starts_at:%d %H:%M}", one.timezone) for one in entries.visits}
    assert named == {
        "named-zone": ("15 13:00", "America/New_York"),
        "own-rules": ("16 13:00", "America/New_York"),
        "windows-zone": ("17 13:00", "America/New_York"),
        "in-utc": ("18 13:00", None),
        "floating": ("19 13:00", "America/New_York"),
        "off": ("20 13:00", "America/New_York"),
    }
    assert [one.uid for one in entries.visits if one.state == "called_off"] == ["off"]
    assert (entries.floating, entries.free, entries.read) == (2, 1, 9)


def test_an_event_without_a_patient_is_time_off() -> None:
    off = read_calendar(FILES / "clinic.ics", TERMS, NOW).off
    assert [(one.clinician, one.name, one.begins, one.ends) for one in off[:1]] == [
        ("everybody", "Christmas, and the day after", date(2026, 12, 25), date(2026, 12, 26))
    ]
    # Noon in Boston, before and after the clocks go forward.
    lunches = [one.begins.astimezone(UTC) for one in off[1:] if isinstance(one.begins, datetime)]
    assert [f"{at:%m-%d %H:%M}" for at in lunches] == ["03-08 17:00", "03-15 16:00", "03-22 16:00"]


@pytest.mark.parametrize(
    ("when", "utc"),
    [
        ("DTSTART;TZID=America/New_York:20270314T013000", "2027-03-14 06:30"),
        ("DTSTART;TZID=America/New_York:20270314T023000", "2027-03-14 07:30"),  # skipped: RFC 5545, 3.3.5
        ("DTSTART;TZID=America/New_York:20261101T013000", "2026-11-01 05:30"),  # twice: the first
        ("DTSTART;TZID=America/New_York:20271107T013000", "2027-11-07 05:30"),
        ("DTSTART;TZID=America/Phoenix:20270314T023000", "2027-03-14 09:30"),
        ("DTSTART;TZID=Europe/Berlin:20270328T023000", "2027-03-28 01:30"),
    ],
)
def test_when_clocks_change(tmp_path: Path, when: str, utc: str) -> None:
    entries = read(tmp_path, visit(when, HALF_AN_HOUR))
    assert starts(entries) == [utc]
    assert (entries.visits[0].ends_at - entries.visits[0].starts_at).seconds == 1800


def test_a_visit_comes_back_but_for_the_days_that_are_taken_out_and_one_that_was_moved(
    tmp_path: Path,
) -> None:
    weekly = visit(
        "DTSTART;TZID=America/New_York:20270302T090000",
        "DTEND;TZID=America/New_York:20270302T093000",
        "RRULE:FREQ=WEEKLY;COUNT=4",
        "EXDATE;TZID=America/New_York:20270309T090000",
    )
    moved = event(
        "RECURRENCE-ID;TZID=America/New_York:20270316T090000",
        "DTSTART;TZID=America/New_York:20270317T110000",
        HALF_AN_HOUR,
    )
    entries = read(tmp_path, weekly, moved)
    assert sentences(entries) == []
    assert starts(entries) == ["2027-03-02 14:00", "2027-03-23 13:00", "2027-03-17 15:00"]
    assert [one.uid for one in entries.visits] == [
        "e1#20270302T140000Z",
        "e1#20270323T130000Z",
        "e1#20270316T130000Z",
    ]
    assert {one.series for one in entries.visits} == {"e1"}
    assert {one.record_number for one in entries.visits} == {"M-1001"}


def test_of_two_versions_the_later_one_counts(tmp_path: Path) -> None:
    old = visit("SEQUENCE:1", "DTSTART:20270302T090000Z", HALF_AN_HOUR)
    new = visit("SEQUENCE:2", "DTSTART:20270302T100000Z", HALF_AN_HOUR)
    assert starts(read(tmp_path, new, old)) == ["2027-03-02 10:00"]
    assert starts(read(tmp_path, old, new)) == ["2027-03-02 10:00"]


def test_a_rule_without_end_stops_at_the_horizon(tmp_path: Path) -> None:
    entries = read(tmp_path, visit("DTSTART:20200107T140000Z", HALF_AN_HOUR, "RRULE:FREQ=WEEKLY"))
    assert starts(entries)[0] == "2026-11-24 14:00"
    assert entries.visits[-1].starts_at < datetime(2028, 1, 1, tzinfo=UTC)


START = "DTSTART;TZID=America/New_York:20270302T090000"
MISTAKES = [
    ((START, "DTEND;TZID=America/New_York:20270302T080000"), "The event ends before it begins"),
    (("DTSTART:20270231T090000Z", HALF_AN_HOUR), "a day that the month has"),
    (("DTSTART;TZID=Atlantis/Main:20270302T090000", HALF_AN_HOUR), "Nobody knows its time zone"),
    ((START,), "It says not how long it is"),
    ((HALF_AN_HOUR,), "It has no DTSTART"),
    ((START, "DURATION:half an hour"), "This is no length of time"),
    ((START, START, HALF_AN_HOUR), "DTSTART stands in it twice"),
    ((START, HALF_AN_HOUR, "RRULE:FREQ=FORTNIGHTLY"), "This rule can't be understood"),
    ((START, HALF_AN_HOUR, "RRULE:FREQ=SECONDLY"), "make one event for each time of day"),
    ((START, HALF_AN_HOUR, "RRULE:FREQ=DAILY;BYHOUR=1,2,3"), "make one event for each time of day"),
    ((START, HALF_AN_HOUR, "RRULE:FREQ=DAILY;COUNT=1000000"), "more than 20,000 times"),
    ((START, HALF_AN_HOUR, "SEQUENCE:second"), "Write SEQUENCE as a whole number"),
    ((START, HALF_AN_HOUR, "no property"), "A line of it is no property"),
    ((START, HALF_AN_HOUR, "COMMENT:a\x07b"), "control characters"),
    (("DTSTART;VALUE=DATE:20270302",), "A visit needs a time of day"),
    (("DTSTART:20290302T090000Z", HALF_AN_HOUR), "more than two years ahead"),
    (("DTSTART:19690302T090000Z", HALF_AN_HOUR), "between 1970 and 2200"),
    ((START, "DTEND;VALUE=DATE:20270303"), "must both be days"),
    ((START, "DTEND;TZID=America/New_York:20270303T090000"), "longer than 12 hours"),
    ((START, HALF_AN_HOUR, "RECURRENCE-ID;RANGE=THISANDFUTURE:20270302T090000Z"), "all that come after"),
    ((START, HALF_AN_HOUR, "RDATE;VALUE=PERIOD:20270303T090000Z/PT1H"), "Periods are not read"),
]


@pytest.mark.parametrize(("lines", "says"), MISTAKES, ids=[says for _, says in MISTAKES])
def test_a_mistake_is_a_sentence_with_the_events_uid_and_line(
    tmp_path: Path, lines: tuple[str, ...], says: str
) -> None:
    right = visit("DTSTART:20270401T140000Z", HALF_AN_HOUR, uid="right")
    entries = read(tmp_path, visit(*lines, uid="wrong"), right)
    (sentence,) = sentences(entries)
    assert says in sentence
    assert sentence.startswith("Event wrong, line 3, ")
    assert [one.uid for one in entries.visits] == ["right"]
    assert "M-1001" not in sentence


def test_a_visit_without_its_patient_is_no_time_off(tmp_path: Path) -> None:
    entries = read(
        tmp_path, event(START, HALF_AN_HOUR, "X-CARELINE-REASON:problem", "X-CARELINE-CLINICIAN:S1")
    )
    assert ["names no patient" in one for one in sentences(entries)] == [True]
    assert entries.off == []


def test_time_of_nobody_closes_no_clinic(tmp_path: Path) -> None:
    entries = read(tmp_path, event(START, HALF_AN_HOUR))
    assert ["Nobody is named" in one for one in sentences(entries)] == [True]
    assert [one.clinician for one in read(tmp_path, event(START, HALF_AN_HOUR), clinician="S1").off] == ["S1"]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "no iCalendar file"),
        (b"uid,starts\r\n1,2\r\n", "no iCalendar file"),
        ("BEGIN:VCALENDAR".encode("utf-16"), "not text in UTF-8"),
    ],
)
def test_what_is_no_calendar_says_so(tmp_path: Path, content: bytes, says: str) -> None:
    with pytest.raises(FileProblem, match=says):
        read_calendar(written(tmp_path, content), TERMS, NOW)


def test_a_mark_at_the_start_is_no_mistake_and_latin_1_is_one_of_its_event(tmp_path: Path) -> None:
    marked = b"\xef\xbb\xbf" + calendar(visit(START, HALF_AN_HOUR, "COMMENT:Zoë"))
    assert len(read_calendar(written(tmp_path, marked), TERMS, NOW).visits) == 1
    latin = calendar(visit(START, HALF_AN_HOUR, "COMMENT:Zoë")).decode().encode("latin-1")
    entries = read_calendar(written(tmp_path, latin), TERMS, NOW)
    assert ["UTF-8" in one for one in sentences(entries)] == [True]


def test_a_letter_may_be_folded_in_its_middle(tmp_path: Path) -> None:
    off = event(START, HALF_AN_HOUR, "SUMMARY:Zo\xeb", "X-CARELINE-CLINICIAN:S1")
    folded = calendar(off).replace("\xeb".encode(), b"\xc3\r\n \xab")
    assert [one.name for one in read_calendar(written(tmp_path, folded), TERMS, NOW).off] == ["Zoë"]


def test_a_file_that_breaks_off_says_where(tmp_path: Path) -> None:
    whole = calendar(visit(START, HALF_AN_HOUR))
    entries = read_calendar(written(tmp_path, whole[: whole.index(b"X-CARELINE-REASON")]), TERMS, NOW)
    assert sentences(entries) == ["The event, line 3, event: It has no end: the file breaks off in it."]
    assert entries.nameless == 1


def test_hostile_lines_and_lists_are_refused_and_the_next_event_is_read(tmp_path: Path) -> None:
    right = visit("DTSTART:20270401T140000Z", HALF_AN_HOUR, uid="right")
    line = visit(START, HALF_AN_HOUR, "COMMENT:" + "x" * (5 * LONGEST), uid="line")
    many = visit(START, HALF_AN_HOUR, *["EXDATE:20270401T140000Z"] * 20_000, uid="exceptions")
    entries = read(tmp_path, line, many, right)
    assert [one.uid for one in entries.visits] == ["right"]
    assert ["longer than 200,000 bytes" in one for one in sentences(entries)] == [True, True]


def test_zone_rules_that_would_be_worked_out_second_by_second_are_no_zone(tmp_path: Path) -> None:
    zone = "\r\n".join(
        [
            "BEGIN:VTIMEZONE", "TZID:Slow", "BEGIN:STANDARD", "DTSTART:16010101T000000", "TZOFFSETFROM:-0400",
            "TZOFFSETTO:-0500", "RRULE:FREQ=SECONDLY", "END:STANDARD", "END:VTIMEZONE",
        ]
    )  # fmt: skip
    entries = read(tmp_path, zone, visit("DTSTART;TZID=Slow:20270302T090000", HALF_AN_HOUR))
    assert ["Nobody knows its time zone" in one for one in sentences(entries)] == [True]


def test_rules_that_fit_no_day_do_not_keep_the_file_from_its_end(tmp_path: Path) -> None:
    never = [
        event("DTSTART:19700101T090000Z", HALF_AN_HOUR, "RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
              "X-CARELINE-CLINICIAN:S1", uid=f"never-{number}")
        for number in range(100)
    ]  # fmt: skip
    entries = read(tmp_path, *never, visit("DTSTART:20270401T140000Z", HALF_AN_HOUR, uid="right"))
    assert [one.uid for one in entries.visits] == ["right"]
    assert len(entries.problems) >= 98
    assert all("begin too long ago" in one for one in sentences(entries))
