"""Signing in, being locked out, and how a session ends."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import delete, select, update
from werkzeug.security import generate_password_hash

from app import create_app
from conversation.house import House
from records.clinics import Staff

from .people import Clock, Nurse, words


def tries(house: House) -> int:
    with house.database.reading() as connection:
        return connection.scalars(select(Staff.failed_tries).where(Staff.login == "demo")).one()


def is_signed_in(nurse: Nurse) -> bool:
    return nurse.open().status_code == 200


def test_the_demo_says_how_to_get_in(stranger: Nurse) -> None:
    assert "Login demo , password harbor-demo ." in stranger.read()


def test_outside_of_the_demo_nothing_is_said(house: House) -> None:
    real = replace(house, settings=replace(house.settings, demo=False))
    assert "harbor-demo" not in Nurse(create_app(house=real)).read()


def test_the_right_password_opens(stranger: Nurse) -> None:
    assert "Open alerts 0" in words(stranger.sign_in())


def test_a_new_session_begins_with_signing_in(stranger: Nurse) -> None:
    """A token that was planted before is worth nothing after."""
    planted = stranger.token()
    stranger.sign_in()
    assert stranger.client.post("/clinic/tasks/1/finish", data={"csrf": planted}).status_code == 403


@pytest.mark.parametrize(
    ("login", "password"), [("demo", "harbor"), ("nobody", "harbor-demo"), ("", ""), ("demo", "")]
)
def test_a_wrong_login_and_a_wrong_password_are_told_alike(
    stranger: Nurse, login: str, password: str
) -> None:
    response = stranger.sign_in(login, password)
    assert response.status_code == 401
    assert "That did not work. Check login and password." in words(response)
    assert not is_signed_in(stranger)


def work(nurse: Nurse, login: str) -> float:
    """Seconds of this process at work for one try: the least of three."""
    spent = []
    for _ in range(3):
        began = time.process_time()
        nurse.client.post(
            "/clinic/sign-in", data={"csrf": nurse.token(), "login": login, "password": "wrong"}
        )
        spent.append(time.process_time() - began)
    return min(spent)


def test_an_unknown_login_costs_as_much_work_as_a_known_one(stranger: Nurse) -> None:
    stranger.sign_in("nobody", "wrong")  # makes the hash that stands for nobody's, once a process
    known, unknown = work(stranger, "demo"), work(stranger, "nobody")
    assert 0.5 < unknown / known < 2


def test_five_wrong_tries_lock_for_fifteen_minutes(stranger: Nurse, clock: Clock, house: House) -> None:
    for _ in range(5):
        stranger.sign_in(password="wrong")
    assert stranger.sign_in().status_code == 401
    clock.go_on(minutes=14, seconds=59)
    assert stranger.sign_in().status_code == 401
    clock.go_on(seconds=2)
    assert stranger.sign_in().status_code == 200
    assert tries(house) == 0


def test_four_wrong_tries_and_a_right_one_begin_anew(stranger: Nurse, app: Flask, house: House) -> None:
    for _ in range(2):
        for _ in range(4):
            stranger.sign_in(password="wrong")
        assert tries(house) == 4
        other = Nurse(app)
        other.sign_in()
        assert is_signed_in(other)
        assert tries(house) == 0


def test_a_lock_ends_no_session_of_who_is_in(nurse: Nurse, stranger: Nurse) -> None:
    for _ in range(5):
        stranger.sign_in(password="wrong")
    assert is_signed_in(nurse)


def test_signing_out(nurse: Nurse) -> None:
    assert "You are signed out." in words(nurse.post("/clinic/sign-out"))
    assert not is_signed_in(nurse)


def test_thirty_minutes_without_use_end_a_session(nurse: Nurse, clock: Clock) -> None:
    clock.go_on(minutes=29)
    assert is_signed_in(nurse)
    clock.go_on(minutes=29)
    assert is_signed_in(nurse)
    clock.go_on(minutes=31)
    assert "You were signed out" in nurse.read()


def test_what_a_page_does_by_itself_is_no_use(nurse: Nurse, clock: Clock) -> None:
    for _ in range(29):
        clock.go_on(minutes=1)
        assert nurse.open("/clinic/now").status_code == 200
    clock.go_on(minutes=2)
    assert nurse.open("/clinic/now").status_code == 401
    assert not is_signed_in(nurse)


def test_answers_that_a_page_asked_for_by_itself_set_no_cookie(nurse: Nurse, clock: Clock) -> None:
    """One that arrives after signing out would sign in again."""
    clock.go_on(minutes=20)
    assert "Set-Cookie" not in nurse.open("/clinic/now").headers


def test_twelve_hours_end_a_session(nurse: Nurse, clock: Clock) -> None:
    for _ in range(36):
        clock.go_on(minutes=20)
        assert is_signed_in(nurse)
    clock.go_on(minutes=20)
    assert not is_signed_in(nurse)


def test_a_new_password_ends_sessions_begun_with_the_old_one(nurse: Nurse, house: House) -> None:
    with house.database.writing() as connection:
        connection.execute(update(Staff).values(password_hash=generate_password_hash("another")))
    assert not is_signed_in(nurse)


def test_a_person_who_has_left_is_out(nurse: Nurse, house: House) -> None:
    with house.database.writing() as connection:
        connection.execute(delete(Staff))
    assert not is_signed_in(nurse)


def test_the_cookie_is_for_the_server_alone(stranger: Nurse) -> None:
    cookie = stranger.open("/clinic/sign-in").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
