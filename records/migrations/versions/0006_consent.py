"""consent: one way to say what somebody agreed to, and a second number for alerts"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

GIVEN = """
    INSERT INTO consents (clinic_id, patient_id, topic, channel, given, text_version, language, "by", at)
    SELECT e.clinic_id, e.patient_id, 'check_ins', 'any', :yes, 'before 0006', p.language, 'import', MIN(e.consented_at)
    FROM enrolments e JOIN patients p ON p.id = e.patient_id
    WHERE e.consented_at IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM consents c WHERE c.patient_id = e.patient_id AND c.topic = 'check_ins')
    GROUP BY e.clinic_id, e.patient_id, p.language
"""
STOPPED = """
    INSERT INTO consents (clinic_id, number_hash, topic, channel, given, text_version, language, "by", at)
    SELECT k.clinic_id, k.number_hash, 'everything', 'any', :no, 'STOP', COALESCE(k.language, 'en'), 'patient',
        k.opted_out_at
    FROM contacts k WHERE k.opted_out_at IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM consents c WHERE c.clinic_id = k.clinic_id AND c.number_hash = k.number_hash)
"""
TAKEN_BACK = """
    UPDATE enrolments SET consented_at = (
        SELECT MIN(c.at) FROM consents c
        WHERE c.patient_id = enrolments.patient_id AND c.topic = 'check_ins' AND c.given = :yes)
    WHERE NOT EXISTS (
        SELECT 1 FROM consents w
        WHERE w.patient_id = enrolments.patient_id AND w.topic IN ('check_ins', 'everything') AND w.given = :no
            AND NOT EXISTS (
                SELECT 1 FROM consents g
                WHERE g.patient_id = w.patient_id AND g.topic IN ('check_ins', 'everything') AND g.given = :yes
                    AND g.at > w.at))
"""
"""Whoever took her word back is not asked by the version before, either."""


def upgrade() -> None:
    op.add_column("clinics", sa.Column("second_number", sa.String(), nullable=True))
    connection = op.get_bind()
    connection.execute(sa.text(GIVEN), {"yes": True})
    connection.execute(sa.text(STOPPED), {"no": False})
    op.drop_column("enrolments", "consented_at")


def downgrade() -> None:
    op.add_column("enrolments", sa.Column("consented_at", sa.DateTime(timezone=True), nullable=True))
    op.get_bind().execute(sa.text(TAKEN_BACK), {"yes": True, "no": False})
    op.drop_column("clinics", "second_number")
