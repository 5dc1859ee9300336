"""A conversation goes on with the flows, and the sentences, that it began with."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dialogue.engine import Surroundings, advance, begin
from dialogue.flows import FlowError, FlowSet, messages_of, parse, read_folder, wording
from dialogue.reply import Ask, Dial, Record, Reply, Say
from dialogue.said import Channel, Said
from languages import load

OLD = """\
flow: main
steps:
  sleep: {ask: "Did you sleep?", answer: yes_no, save: sleep}
  food: {ask: "Did you eat?", answer: yes_no, save: food}
  bye: {end: "Goodbye until tomorrow."}
"""
NEW = """\
flow: main
steps:
  food: {ask: "Have you eaten?", answer: yes_no, save: food}
  bye: {end: "Take care."}
"""
SPANISH = {
    "Did you sleep?": "¿Durmió?",
    "Did you eat?": "¿Comió?",
    "Goodbye until tomorrow.": "Hasta mañana.",
}
HERE = Surroundings(Channel.TEXT, load())


def test_a_talk_under_way_is_not_moved_by_new_flows() -> None:
    kept = FlowSet({"main": OLD}, {"es": SPANISH})
    stored = json.loads(json.dumps(kept.to_json()))
    first = begin(kept, "main", HERE, "es")
    position = json.loads(json.dumps(first.position))

    after_the_deploy = FlowSet(stored["sources"], stored["translations"])
    assert after_the_deploy.version == kept.version
    second = advance(after_the_deploy, position, Said(text="no"), HERE)
    assert second.says[0].text == "¿Comió?"
    last = advance(after_the_deploy, second.position, Said(text="sí"), HERE)
    assert [(say.text, say.language) for say in last.says] == [("Hasta mañana.", "es")]
    assert last.position["vars"] == {"sleep": "no", "food": "yes"}


def test_a_new_talk_gets_the_new_flows() -> None:
    assert begin(FlowSet({"main": NEW}), "main", HERE, "en").says[0].text == "Have you eaten?"


def test_an_old_sentence_is_still_said_in_her_language_and_without_its_translation_it_is_english() -> None:
    assert begin(FlowSet({"main": OLD}, {"es": SPANISH}), "main", HERE, "es").says[0] == Say("¿Durmió?", "es")
    assert begin(FlowSet({"main": OLD}), "main", HERE, "es").says[0] == Say("Did you sleep?", "en")


def test_a_corrected_translation_reaches_talks_under_way() -> None:
    kept = FlowSet({"main": 'flow: main\nsteps:\n  a: {end: "yes"}\n'}, {"es": {"yes": "mal traducido"}})
    assert begin(kept, "main", HERE, "es").says[0].text == "sí"


def test_a_version_is_of_the_words_of_the_flows_alone() -> None:
    version = FlowSet({"main": OLD, "other": NEW}).version
    assert version == FlowSet({"other": NEW, "main": OLD}).version
    assert version == FlowSet({"main": OLD, "other": NEW}, {"es": SPANISH}).version
    assert version != FlowSet({"main": NEW, "other": NEW}).version
    assert version != FlowSet({"main": OLD}).version
    assert len(version) == 16


def test_a_clinical_draft_is_withheld_where_the_clinic_sends_none() -> None:
    clinical = FlowSet({"main": "flow: main\nclinical: yes\nsteps:\n  a: {end: Nobody reviewed this.}\n"},
                       {"es": {"Nobody reviewed this.": "Nadie lo revisó."}})  # fmt: skip
    drafts = begin(clinical, "main", HERE, "es")
    assert (drafts.says[0].text, list(drafts.acts)) == ("Nadie lo revisó.", [])
    withheld = begin(clinical, "main", Surroundings(Channel.TEXT, load(), send_drafts=False), "es")
    assert withheld.says[0] == Say("Nobody reviewed this.", "en")
    assert [(act.name, dict(act.values)) for act in withheld.acts] == [
        ("unreviewed_words_withheld", {"language": "es"})
    ]


def test_an_unclinical_draft_is_never_withheld() -> None:
    flows = FlowSet(
        {"main": "flow: main\nsteps:\n  a: {end: Hi all.}\n"}, {"es": {"Hi all.": "Hola a todos."}}
    )
    said = begin(flows, "main", Surroundings(Channel.TEXT, load(), send_drafts=False), "es")
    assert said.says[0].text == "Hola a todos."
    assert not said.acts


def test_yes_and_no_are_words_and_flags() -> None:
    flow = parse("main", "flow: main\nclinical: yes\nsteps:\n  a: {branch: on, when: {off: a, yes: a}}\n")
    assert (flow.clinical, flow.resumable) == (True, False)
    assert flow.steps["a"].main == "on"
    assert set(flow.steps["a"].body["when"]) == {"off", "yes"}


def test_every_problem_of_a_folder_names_its_flow(tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text(OLD.replace("main", "good"))
    (tmp_path / "bad.yaml").write_text("flow: bad\n")
    with pytest.raises(FlowError) as wrong:
        _ = read_folder(tmp_path).flows
    assert wrong.value.problems == ["bad: steps are missing"]
    assert str(wrong.value) == "bad: steps are missing"


def test_all_that_a_flow_may_say_is_known_for_its_translators() -> None:
    flow = parse("main", OLD.replace('"Did you eat?"', "{voice: [Ear one., Ear two.], text: Eye.}"))
    assert messages_of(flow) == {"Did you sleep?", "Ear one.", "Ear two.", "Eye.", "Goodbye until tomorrow."}
    assert wording("two\n  lines", Channel.TEXT) == ["two lines"]
    assert wording({"voice": "only heard"}, Channel.TEXT) == []


@pytest.mark.parametrize(
    "wait",
    [
        None,
        Ask(),
        Ask(1, 5, False),
        Record(),
        Record(60, 3),
        Dial("+16175550190", (Say("A call.", "en"), Say("Y más.", "es")), 20),
    ],
)
def test_a_reply_is_stored_and_comes_back_the_same(wait: object) -> None:
    reply = Reply((Say("¿Comió?", "es"),), wait, "c1", 7)  # type: ignore[arg-type]
    assert Reply.from_json(json.loads(json.dumps(reply.to_json()))) == reply
