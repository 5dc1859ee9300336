"""Every act of a flow is in the audit, or says why it is not; what a conversation changes stands there."""

from __future__ import annotations

from conversation.acting import AUDITED, NOT_A_PATIENTS_DATA
from conversation.acts import ACTS


def test_every_act_is_audited_or_says_why_not() -> None:
    listed = [*AUDITED, *NOT_A_PATIENTS_DATA]
    assert sorted(listed) == sorted(ACTS), (
        "add the act to conversation/acting.py, with its word or the reason"
    )
    assert all(len(reason) > 10 for reason in NOT_A_PATIENTS_DATA.values())
