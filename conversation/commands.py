"""`flask --app app flows …`: what a flow's writer works with."""

from __future__ import annotations

from collections.abc import Mapping

import click
from flask import current_app
from flask.cli import AppGroup

from conversation.acts import known_acts, known_rules, rules_in
from conversation.facts import GIVEN_AT_THE_START, NAMES
from conversation.finding import known_finders
from conversation.house import House
from conversation.versions import current_flows
from dialogue.checking import check
from dialogue.engine import Advance, Finder, Surroundings, advance, begin
from dialogue.flows import FlowError, FlowSet
from dialogue.reply import Dial, Record
from dialogue.said import Channel, Said
from dialogue.segments import in_all, of_flow
from dialogue.steps.kind import Known
from languages import Languages

flows = AppGroup("flows", help="The conversations in ivr_flows/.")
SAMPLE_PERSON = {
    "id": 1,
    "name": "Rosa Delgado",
    "birth_date": "1994-03-02",
    "pin_hash": None,
    "own_topics": [],
    "locked": False,
    "programme": "postpartum",
    "limits": None,
    "proxy": None,
    "topics": None,
    "her_birth_date": None,
}
SAMPLE_FACTS = {
    "clinic_name": "Harbor Community Clinic",
    "clinic_number": {"kind": "phone", "e164": "+16175550100"},
    "emergency_number": {"kind": "phone", "e164": "+16175550190"},
    "today": "2026-11-21",
    "identity": "possible",
    "language_known": True,
    "something_left": False,
    "has_number": True,
    "private_contact": None,
    "private_people": [SAMPLE_PERSON],
    "private_left": None,
    "private_check_ins": [],
    "private_visit_soon": None,
    "visit_hours": ["09:00", "17:00"],
    "several_people": False,
    "stopped": False,
    "language_tag": "en",
    "language_name": "English",
    "alert_number": "7",
    "alert_reason": "severe_reading",
    "alert_reading": {"kind": "blood_pressure", "systolic": 165, "diastolic": 112},
    "alert_phone": {"kind": "phone", "e164": "+16175550101"},
}


SAMPLE_OFFER = {
    "kind": "visit_time",
    "zone": "America/New_York",
    "clinician": 1,
    "clinician_name": "Dr. Ana Silva",
    "place": None,
    "minutes": 20,
    "visit_kind": "audio",
    "interpreter": None,
    "fits": True,
}
SAMPLE_FINDERS: Mapping[str, Finder] = {
    "coming_visits": lambda patient: [],
    "stands": lambda patient, visit: True,
    "ways_to_visit": lambda patient, reason: "audio in_person",
    "clinician_before": lambda patient, reason, visit_kind: {"id": 1, "name": "Dr. Ana Silva"},
    "free_visits": lambda patient, reason, visit_kind, clinician, place, wish, after: [
        {**SAMPLE_OFFER, "at": f"2026-11-{day}T19:30:00+00:00"} for day in (23, 24, 25)
    ],
    "is_free": lambda patient, offer, visit: True,
    "word_of_consent": lambda patient, topic: None,
    "hubs": lambda: [{"id": 2, "name": "Harbor Library"}],
    "wanted_visit": lambda patient: None,
    "visit_of_hers": lambda patient, visit: None,
}
"""What `flows try` finds: always the same three times."""


def known(flow_set: FlowSet, languages: Languages) -> Known:
    facts = NAMES | GIVEN_AT_THE_START
    return Known(flow_set, known_acts(), known_rules(languages), facts, known_finders())


@flows.command("check")
def check_flows() -> None:
    """Find what is wrong with the flows, a line each; fail where anything is."""
    house = _house()
    try:
        flow_set = current_flows(house.languages)
        problems = check(flow_set, known(flow_set, house.languages), house.languages, house.segments)
    except FlowError as error:
        problems = error.problems
    for problem in problems:
        click.echo(problem)
    if problems:
        raise SystemExit(1)
    click.echo(f"{len(flow_set.sources)} flows, nothing wrong.")


@flows.command("segments")
@click.argument("name", required=False)
def count_segments(name: str | None) -> None:
    """How many segments the texts of each flow make, by language; of one flow, step by step."""
    house = _house()
    flow_set = house.flows.current
    if name is not None and name not in flow_set.sources:
        raise click.ClickException(f"Flows: {', '.join(flow_set.sources)}.")
    tags = list(house.languages)
    click.echo(f"{'':30}" + "".join(f"{tag:>8}" for tag in tags))
    for flow in [flow_set[name]] if name else flow_set.flows.values():
        by_language = of_flow(flow, house.languages, house.segments)
        rows = zip(*by_language.values(), strict=True) if name else []
        for texts in rows:
            click.echo(f"  {texts[0].step:28}" + "".join(f"{text.segments:>8}" for text in texts))
        click.echo(f"{flow.name:30}" + "".join(f"{in_all(by_language[tag]):>8}" for tag in tags))


@flows.command("try")
@click.argument("name")
@click.option("--lang", default="en", help="The language to speak.")
@click.option("--by", type=click.Choice(["voice", "text"]), default="voice", help="The channel.")
def try_flow(name: str, lang: str, by: str) -> None:
    """Talk with a flow here, as one sample patient; nothing is stored. An empty line is silence."""
    house = _house()
    flow_set = house.flows.current
    if name not in flow_set.sources or lang not in house.languages:
        flow_names, tags = ", ".join(flow_set.sources), ", ".join(house.languages)
        raise click.ClickException(f"Flows: {flow_names}. Languages: {tags}.")
    facts = {**SAMPLE_FACTS, "channel": by}
    rules = rules_in(house.languages[lang])
    around = Surroundings(Channel(by), house.languages, rules, facts, finders=SAMPLE_FINDERS)
    result = begin(flow_set, name, around, lang)
    while _show(result):
        result = advance(flow_set, result.position, _read(by, result), around)


def _show(result: Advance) -> bool:
    for say in result.says:
        click.echo(f"< {say.text}")
    for act in result.acts:
        click.secho(f"  ({act.name} {dict(act.values)})", dim=True)
    if result.wait is None:
        click.echo("(the talk is over)")
    return result.wait is not None


def _read(by: str, result: Advance) -> Said:
    words = click.prompt(">", default="", show_default=False, prompt_suffix=" ")
    if isinstance(result.wait, Record):
        return Said(recording="RE-sample", seconds=len(words.split()))
    if isinstance(result.wait, Dial):
        return Said(dialed=words or "no answer")
    return Said(keys=words.rstrip("#")) if by == "voice" else Said(text=words)


def _house() -> House:
    house: House = current_app.extensions["careline"]
    return house
