"""After a full day nothing private stands in logs, addresses, errors, metrics, queues, file names or command lines.

tests/end_to_end/traces.py says what is looked at, and what is left out and why.
"""

from __future__ import annotations

import os
import re
import secrets
import signal
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
import yaml
from sqlalchemy import func, select, text, update
from twilio.request_validator import RequestValidator
from werkzeug.security import generate_password_hash

from care import check_ins
from clinic import demo
from conversation.house import utc_now
from phonelab.handset_client import Handset
from records.clinics import Staff
from records.messages import Message
from records.outbox import OutboxRow
from records.patients import Patient
from records.readings import Reading
from records.sealing import hashed
from tests.conversation.sounds import spoken
from tests.end_to_end.needles import Needles
from tests.end_to_end.test_killed import where_it_is_noon
from tests.end_to_end.traces import Browser, Traces
from tests.installation import REPOSITORY, Installation, installed

LINE, DESK = "+16175550100", "+16175550190"
ROSA, JAMES, FAMILY, MARIE, STRANGER, ALSO = (f"+1617555010{digit}" for digit in "123478")
PIN, WRONG_PIN = "482913", "771204"
WRONG_DATE, CHILD = "1994-03-07", "2015-05-05"
STRANGERS_NAME, STRANGERS_MESSAGE = "Zdenka Quillfeather", "my stitches opened on the stairs"
MESSAGE, DANGER = "necesito mis resultados de sangre", "I can't breathe since yesterday evening"
PASSWORD, WRONG_PASSWORD, SEARCHED = "quartz-lantern-58", "quartz-lantern-85", "Delgado"
PEOPLE = """name,birth_date,language,number,record_number,pin
Oksana Wrenfield,1979-08-31,en,617-555-0121,QX-77120,9204715
Tobias Marchbanks,1979-05-32,en,617-555-0122,QX-77121,
Oksana Wrenfield,1979-03-11,xx,617 555 01,QX-77120,12
"""
"""The first may come in; then no such day, and a number that is none with a language that nobody speaks."""
ANYTHING = re.compile("")
A_SOUND = re.compile(r"/voice/sounds/[^/ ]+/([0-9]+)/")
TALKATIVE = {
    "app:create_app": "tests.end_to_end.talkative:create_app",
    "--app worker": "tests.end_to_end.talkative",
    "WARNING": "DEBUG",
    "warning": "debug",
    "--no-ws": "--access-log",
}
PATIENCE = 60.0


@pytest.fixture(scope="module", params=["as it is installed", "at DEBUG"])
def careline(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    environment = {
        "PHONELAB_SPEED": "50",
        "PHONELAB_CALLS_PER_SECOND": "1000",
        "PHONELAB_MESSAGES_PER_SECOND": "1000",
        "CARELINE_CALLS_PER_SECOND": "1000",
        "CARELINE_MESSAGES_PER_SECOND": "1000",
        "TWILIO_AUTH_TOKEN": secrets.token_hex(16),
        "CARELINE_SECRET_KEY": secrets.token_urlsafe(32),
        "CARELINE_DATA_KEY": b64encode(secrets.token_bytes(32)).decode(),
    }
    instead = TALKATIVE if request.param == "at DEBUG" else None
    with installed(tmp_path_factory.mktemp("careline"), [LINE], environment, instead) as made:
        demo.load(made.database, utc_now())
        with made.database.writing() as connection:
            connection.execute(update(Patient).values(timezone=where_it_is_noon(utc_now())))
            pin = update(Patient).where(Patient.id == 2).values(pin_hash=generate_password_hash(PIN))
            connection.execute(pin)
            connection.execute(update(Staff).values(password_hash=generate_password_hash(PASSWORD)))
        yield made


@pytest.fixture(scope="module")
def needles(careline: Installation) -> Needles:
    made = Needles()
    sample = yaml.safe_load(demo.SAMPLE.read_text("utf-8"))
    for person in sample["patients"]:
        made.name(person["name"])
    for iso in (
        "1994-03-02",
        "1950-11-20",
        "2015-05-05",
        "2018-08-08",
        "1988-07-14",
        "1979-08-31",
        WRONG_DATE,
    ):
        made.birth_date(iso)
    for number in (ROSA, JAMES, FAMILY, MARIE, STRANGER, ALSO, "+16175550121", "+16175550122"):
        made.number(number)
    for name in (STRANGERS_NAME, "Oksana Wrenfield", "Tobias Marchbanks"):
        made.name(name)
    made.add("cells of a file", "1979-05-32", "1979-03-11", "617 555 01", "QX-77120", "QX-77121", "9204715")
    made.add("a PIN", PIN)
    made.add("a wrong PIN", WRONG_PIN)
    for reading in ((128, 82), (171, 114), (122, 79), (133, 84)):
        made.reading(*reading)
    made.add("words", STRANGERS_MESSAGE, MESSAGE, DANGER, "breathe", "stitches", "resultados")
    for key in careline.settings.data_keys:
        made.secret("the data key", key)
    made.secret("the secret key", careline.settings.secret_key)
    made.secret("the carrier's token", careline.settings.auth_tokens[0])
    made.add("a password", PASSWORD, WRONG_PASSWORD)
    return made


def test_nothing_private_is_left_lying_about(
    careline: Installation, needles: Needles, tmp_path: Path
) -> None:
    with Traces(careline) as traces:
        people_text(careline)
        people_call(careline, tmp_path)
        marie_calls(careline)
        browser = Browser(traces)
        staff_look(browser)
        a_page_breaks(careline, browser)
        strangers_knock(careline, traces)
        commands_are_typed(careline, traces, tmp_path)
        careline_asks(careline)
        things_break(careline, traces)
        places = traces.collect()
        assert needles.found(places) == []
        everything_was_there(careline, places)
        what_is_planted_is_found(careline, traces, needles)


# A day


def texts(careline: Installation, number: str, *words: str) -> None:
    """Each is answered before the next is sent."""
    with Handset(careline.phonelab_url, number) as phone:
        for word in words:
            phone.texts(LINE, word)
            phone.reads(ANYTHING)


def people_text(careline: Installation) -> None:
    texts(careline, ROSA, "hola", "1", "7 de marzo de 1994", "2 de marzo de 1994", "128/82", "sí", "no")
    texts(careline, ROSA, "menú", "2", MESSAGE)
    texts(careline, JAMES, "hello", "yes", "1", "11/20/1950", WRONG_PIN, "11/20/1950", PIN, "122/79", "yes")
    texts(
        careline,
        STRANGER,
        "hello",
        "yes",
        "2",
        STRANGERS_NAME,
        "no",
        "617 555 0108",
        "yes",
        STRANGERS_MESSAGE,
    )
    texts(careline, ALSO, DANGER)


def people_call(careline: Installation, folder: Path) -> None:
    sound = folder / "voice.wav"
    sound.write_bytes(spoken(seconds=2))
    with Handset(careline.phonelab_url, FAMILY) as family:
        family.call(LINE)
        menu(family)
        family.press("1")
        family.hears("date of birth")
        family.press("05052015")
        family.hears("top number")
        family.press("171*114#")
        family.hears("171 over 114")
        family.press("1")
        family.hears("dangerously high")
        family.hangs_up()
        family.call(LINE)
        menu(family)
        family.press("2")
        family.hears("After the tone")
        family.says(sound, then="#")
        family.hears("The clinic has your message")
        family.hangs_up()
    wait_for(lambda: count(careline, Message, Message.recording.is_not(None), Message.state == "ready"))


def marie_calls(careline: Installation) -> None:
    """In Haitian Creole every sentence is played, from an address of ours: which turn of the talk it is of."""
    with Handset(careline.phonelab_url, MARIE) as marie:
        marie.call(LINE)
        turn = turn_of(marie.hears(A_SOUND))
        for keys in ("3", "1", "07141988", "133*84#", "1", "2"):
            marie.press(keys)
            turn += 1
            marie.hears(re.compile(rf"/voice/sounds/[^/ ]+/{turn}/"))
        marie.hangs_up()
    assert count(careline, Reading, Reading.patient_id == 5, Reading.confirmed) == 1


def turn_of(address: str) -> int:
    found = A_SOUND.search(address)
    assert found is not None
    return int(found[1])


def menu(phone: Handset) -> None:
    """To the menu, past a choice of language, and past the offer to go on with what was left."""
    if "press 1" in phone.hears(re.compile("press 1|emergency")):
        phone.press("1")
    if "finish" in phone.hears(re.compile("How can we help you|did not finish")):
        phone.press("2")
        phone.hears("How can we help you")


def staff_look(browser: Browser) -> None:
    page = browser.get("/sign-in")
    page = browser.post("/sign-in", page, login="demo", password=WRONG_PASSWORD)
    page = browser.post("/sign-in", page, login="demo", password=PASSWORD)
    assert "171/114" in page, "she is signed in, and sees what she should"
    for path in ("/alerts", "/tasks", "/readings", "/messages", "/conversations", "/patients", "/sent",
                 "/patients/duplicates", "/patients/1/history", "/patients/1/details"):  # fmt: skip
        page = browser.get(path)
        for link in sorted(set(re.findall(r'href="/clinic(/(?:patients|conversations)/[^"]+)"', page)))[:4]:
            browser.get(link)
    for form in re.findall(r'<form[^>]*role="search".*?</form>', browser.get("/patients"), re.DOTALL):
        action, field = (
            re.search(r'action="/clinic([^"]*)"', form),
            re.search(r'<input[^>]*type="search"[^>]*', form),
        )
        assert action is not None
        assert field is not None
        assert 'method="post"' in form, "a name that is looked for stands in no address"
        name = re.search(r'name="([^"]*)"', field[0])
        assert name is not None
        for typed in (SEARCHED, "(617) 555-0101", STRANGERS_NAME):
            found = browser.post(action[1], form, **{name[1]: typed})
            assert ("Rosa Delgado" in found) == (typed != STRANGERS_NAME)
    for wrong in (
        "/patients/99999",
        "/conversations/nobody",
        "/messages/99999/sound",
        "/nowhere?before=x",
        "/sent?before=x",
    ):
        browser.get(wrong)
    browser.post("/tasks/99999/finish", browser.get("/tasks"), back=f"//{SEARCHED}")
    browser.post("/tasks/1/finish", "", words=SEARCHED)
    page = browser.get("/patients/1/details")
    browser.post("/patients/1/details", page, name="Rosa Delgado", birth_date="1979-05-32", language="xx")
    assert browser.status == 422


def strangers_knock(careline: Installation, traces: Traces) -> None:
    """Webhooks that the carrier did not sign, and signed ones that make no sense."""
    form = {"From": ROSA, "To": LINE, "Body": MESSAGE, "MessageSid": "SM1"}
    for path in ("/sms/receive", "/voice/answer", "/voice/turn/nobody/1", "/sms/status?outbox=x"):
        post(careline, traces, path, form, token="a guess")
        post(careline, traces, path, {**form, "From": "617 555 0101; DROP TABLE", "To": ROSA})
        post(careline, traces, path, {"Body": MESSAGE})
        post(careline, traces, path, {**form, "CallSid": "CA1", "Digits": "03021994", "CallStatus": MESSAGE})
        post(careline, traces, path, {**form, "Body": "\x00\ud7ff" + DANGER * 2000})
    post(
        careline,
        traces,
        "/voice/answer?token=nobody",
        {**form, "CallSid": "CA2", "Direction": "outbound-api"},
    )


def post(
    careline: Installation, traces: Traces, path: str, form: dict[str, str], token: str = ""
) -> requests.Response:
    url = f"{careline.settings.public_url}{path}"
    signature = RequestValidator(token or careline.settings.auth_tokens[0]).compute_signature(url, form)
    answer = requests.post(url, data=form, headers={"X-Twilio-Signature": signature}, timeout=10)
    if answer.status_code >= 400:
        traces.found["an error page"].append(answer.text)
    return answer


def commands_are_typed(careline: Installation, traces: Traces, folder: Path) -> None:
    """As they should be, and not; among them a file of people with mistakes, and one without a row of names."""
    people, headless, shelf = folder / "people.csv", folder / "headless.csv", folder / "shelf"
    people.write_text(PEOPLE, "utf-8")
    headless.write_text(PEOPLE.split("\n", 1)[1], "utf-8")
    shelf.mkdir()
    printed = [typed(careline, traces, "backup", "make", str(shelf))]
    [file] = shelf.iterdir()
    for words in (
        ["backup", "check", str(file)],
        ["backup", "restore", str(file), "--replace"],
        ["records", "keys"],
        ["records", "rotate-key"],
        ["records", "rewrap"],
        ["audit", "verify"],
        ["audit", "show", "--patient", "1"],
        ["audit", "head"],
        ["patients", "import", str(people), "--dry-run"],
        ["patients", "import", str(people), "--refused", str(folder / "refused.csv")],
        ["patients", "import", str(people), "--line", ROSA],
        ["patients", "import", str(headless)],
        ["patients", "duplicates"],
        ["clinic", "ask", STRANGER],
        ["clinic", "ask", SEARCHED],
        ["staff", "add", "demo", "Demo Nurse"],
        ["staff", "add", "someone", "Someone", "--line", ROSA],
        ["backup", "check", str(careline.settings.home / "careline.sqlite3")],
        ["backup", "restore", str(careline.settings.home / "beat")],
        ["records", "upgrade"],
        ["flows", "check"],
    ):
        printed.append(typed(careline, traces, *words))
    said = "".join(printed)
    for expected in ("Careline is running", "keys 1, 2, 3", "Key 4 is in use", "each as it was written",
                     "Row 3, birth_date", "Row 4, language", "1 new", "2 left out",
                     "its cell 1 is no name"):  # fmt: skip
        assert expected in said


def typed(careline: Installation, traces: Traces, *words: str) -> str:
    """What a command prints."""
    command = [sys.executable, "-m", "flask", "--app", "app", *words]
    done = subprocess.run(
        command, cwd=REPOSITORY, env=dict(careline.environment), capture_output=True, text=True
    )
    traces.found["what a command prints"].append(done.stdout + done.stderr)
    return done.stdout + done.stderr


def careline_asks(careline: Installation) -> None:
    """A check-in by text, and an alert that rings at the desk."""
    assert check_ins.ask_now(careline.database, hashed(ROSA), utc_now())
    with Handset(careline.phonelab_url, ROSA) as rosa:
        rosa.reads(ANYTHING)
    with careline.database.writing() as connection:
        connection.execute(
            update(OutboxRow)
            .where(OutboxRow.kind == "alert", OutboxRow.status == "due")
            .values(due_at=utc_now())
        )
    with Handset(careline.phonelab_url, DESK) as desk:
        desk.answers()
        desk.hears("alert")
        desk.hangs_up()


def a_page_breaks(careline: Installation, browser: Browser) -> None:
    """What can't be a birth date stands where one should: the error that it raises quotes it."""
    with careline.database.writing() as connection:
        connection.execute(update(Patient).where(Patient.id == 6).values(birth_date="2 de marzo de 1994"))
    browser.get("/patients/6")
    assert browser.status == 500


def things_break(careline: Installation, traces: Traces) -> None:
    """The tables of conversations are gone for a moment, under everyone; then a worker and the web are killed."""
    form = {"From": ROSA, "To": LINE, "Body": MESSAGE, "MessageSid": "SM99", "NumMedia": "0"}
    with gone(careline, "conversations"):
        assert post(careline, traces, "/sms/receive", form).status_code == 500
        call = {**form, "CallSid": "CA9", "CallStatus": "ringing", "Direction": "inbound"}
        assert post(careline, traces, "/voice/answer", call).status_code == 500
        check_ins.ask_now(careline.database, hashed(ROSA), utc_now())
        wait_for(lambda: any("OperationalError" in careline.printed(name) for name in ("sending", "alerts")))
    with gone(careline, "turns"):
        assert post(careline, traces, "/sms/receive", form).status_code == 500
    for name in ("sending", "web"):
        os.killpg(careline.running[name].pid, signal.SIGKILL)
        careline.running[name].wait()
        careline.start(name)
    careline.wait_until_ready()
    texts(careline, ALSO, "menu")


@contextmanager
def gone(careline: Installation, table: str) -> Iterator[None]:
    def rename(one: str, other: str) -> None:
        with careline.database.writing() as connection:
            connection.execute(text(f"ALTER TABLE {one} RENAME TO {other}"))

    rename(table, f"{table}_gone")
    try:
        yield
    finally:
        rename(f"{table}_gone", table)


# Can it fail?


def everything_was_there(careline: Installation, places: dict[str, list[str]]) -> None:
    """Each place had something in it to look at."""
    for where in ("an error page", "an address of the console", "an address of ours at the carrier",
                  "what a command prints", "the broker", "a command line", "/metrics", "the file web.log",
                  "the audit"):  # fmt: skip
        assert any(places[where]), where
    assert "Error" in "".join(places["the file web.log"]), "the 500s were told of"
    assert any("/voice/turn/" in address for address in places["an address of ours at the carrier"])
    assert any("/voice/sounds/" in address for address in places["an address of ours at the carrier"])
    assert any("find=" in address for address in places["an address of the console"])
    assert "imported" in "".join(places["the audit"])
    assert "prompts/" in "".join(places["the name of a file"])
    assert any("/sms/status" in address for address in places["an address of ours at the carrier"])
    if "DEBUG" in " ".join(careline.running["sending"].args):  # type: ignore[arg-type]
        assert "DEBUG" in "".join(places["the file web.log"])
        assert "DEBUG" in "".join(places["the file sending.log"])


def what_is_planted_is_found(careline: Installation, traces: Traces, needles: Needles) -> None:
    """One needle in each place: the same search finds them all."""
    home = careline.settings.home
    with (home / "speech.log").open("a") as log:
        log.write("KeyError: 'Rosa Delgado'\n")
    (home / "16175550101.tmp").touch()
    (home / "broker" / "queue" / "planted").write_text('{"args": ["617-555-0102"]}')
    planted = subprocess.Popen(["sleep", "60", "0.03021994"], process_group=0)
    careline.running["speech"], real = planted, careline.running["speech"]
    try:
        wait_for(lambda: "sleep" in Path(f"/proc/{planted.pid}/cmdline").read_text())
        traces.look_at_command_lines()
    finally:
        careline.running["speech"] = real
        planted.kill()
        planted.wait()
    traces.found["an error page"].append(f"no such patient: {careline.settings.secret_key.decode()}")
    traces.found["an address of the console"].append("/clinic/patients?q=Delgado")
    wanted = {
        "the file speech.log",
        "the name of a file",
        "the broker",
        "a command line",
        "an error page",
        "an address of the console",
    }

    def found() -> set[str]:
        return {one.split(" in ", 1)[1].split(":")[0] for one in needles.found(traces.collect())}

    wait_for(lambda: wanted <= found())  # the watcher looks at the broker every few milliseconds


def wait_for(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)  # polling for the condition above


def count(careline: Installation, table: type, *where: object) -> int:
    with careline.database.reading() as connection:
        return connection.scalar(select(func.count()).select_from(table).where(*where)) or 0  # type: ignore[arg-type]
