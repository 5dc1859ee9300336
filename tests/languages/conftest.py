"""A small project of its own, with one flow and one module, to translate."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from languages.catalogues import HOME

FLOW = """\
flow: weight
title: never said
clinical: yes
steps:
  ask_weight:
    ask:
      voice: Please key in your weight.
      text: "What is your weight, {name}?"
    answer: number
    save: weight
  read_back:
    say:
      - I have
        {weight}.
      - Thank you.
    with: {words: not_words}
  pick:
    ask: Which one?
    answer: choice
    choices:
      - {value: a, label: the first one, words: "first, one"}
      - languages
  done:
    end:
"""
MODULE = """\
from languages import N_

REASON = N_("Too heavy.")
OTHER = "not marked"
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Its root; English and Spanish stand in `locales`, Spanish with nothing translated."""
    (tmp_path / "ivr_flows").mkdir()
    (tmp_path / "ivr_flows" / "weight.yaml").write_text(FLOW)
    (tmp_path / "care").mkdir()
    (tmp_path / "care" / "weights.py").write_text(MODULE)
    shutil.copy(HOME.parent / "babel.cfg", tmp_path)
    for tag in ("en", "es"):
        (tmp_path / "locales" / tag).mkdir(parents=True)
        shutil.copy(HOME / tag / "language.toml", tmp_path / "locales" / tag)
    return tmp_path
