"""Tables of safety/."""

import sqlalchemy as sa
from alembic import op

from safety.db import Utc

revision = "0001_safety"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('cases',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('submission', sa.String(length=36), nullable=False),
    sa.Column('gate', sa.String(length=16), nullable=False),
    sa.Column('verdict', sa.String(length=36), nullable=False),
    sa.Column('subject', sa.String(length=71), nullable=False),
    sa.Column('clause', sa.String(length=64), nullable=False),
    sa.Column('opened_at', Utc(), nullable=False),
    sa.Column('status', sa.String(length=16), nullable=False),
    sa.Column('decision', sa.String(length=8), nullable=True),
    sa.Column('moderator', sa.String(length=64), nullable=True),
    sa.Column('reason', sa.String(length=64), nullable=True),
    sa.Column('note', sa.Text(), nullable=True),
    sa.Column('decided_at', Utc(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_cases'))
    )
    op.create_index(op.f('ix_cases_status'), 'cases', ['status'], unique=False)
    op.create_index(op.f('ix_cases_submission'), 'cases', ['submission'], unique=False)
    op.create_table('checkpoints',
    sa.Column('size', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('root', sa.LargeBinary(length=32), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('at', Utc(), nullable=False),
    sa.PrimaryKeyConstraint('size', name=op.f('pk_checkpoints'))
    )
    op.create_table('ledger',
    sa.Column('position', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('kind', sa.String(length=32), nullable=False),
    sa.Column('subject', sa.String(length=80), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('at', sa.String(length=40), nullable=False),
    sa.Column('leaf', sa.LargeBinary(length=32), nullable=False),
    sa.PrimaryKeyConstraint('position', name=op.f('pk_ledger'))
    )
    op.create_index(op.f('ix_ledger_kind'), 'ledger', ['kind'], unique=False)
    op.create_index(op.f('ix_ledger_subject'), 'ledger', ['subject'], unique=False)
    op.create_table('policies',
    sa.Column('hash', sa.String(length=71), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('first_used_at', Utc(), nullable=False),
    sa.PrimaryKeyConstraint('hash', name=op.f('pk_policies'))
    )
    op.create_table('releases',
    sa.Column('clip', sa.String(length=24), nullable=False),
    sa.Column('submission', sa.String(length=36), nullable=False),
    sa.Column('requester', sa.String(length=64), nullable=False),
    sa.Column('parent', sa.String(length=24), nullable=True),
    sa.Column('draft', sa.String(length=71), nullable=False),
    sa.Column('sealed', sa.String(length=71), nullable=False),
    sa.Column('prompt_verdict', sa.String(length=36), nullable=False),
    sa.Column('clip_verdict', sa.String(length=36), nullable=False),
    sa.Column('policy', sa.String(length=71), nullable=False),
    sa.Column('released_at', Utc(), nullable=False),
    sa.Column('withdrawal', sa.String(length=36), nullable=True),
    sa.Column('withdrawn_at', Utc(), nullable=True),
    sa.PrimaryKeyConstraint('clip', name=op.f('pk_releases')),
    sa.UniqueConstraint('submission', name=op.f('uq_releases_submission'))
    )
    op.create_index(op.f('ix_releases_parent'), 'releases', ['parent'], unique=False)
    op.create_index(op.f('ix_releases_requester'), 'releases', ['requester'], unique=False)
    op.create_index(op.f('ix_releases_withdrawal'), 'releases', ['withdrawal'], unique=False)
    op.create_table('verdicts',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('submission', sa.String(length=36), nullable=False),
    sa.Column('gate', sa.String(length=16), nullable=False),
    sa.Column('subject', sa.String(length=71), nullable=False),
    sa.Column('outcome', sa.String(length=8), nullable=False),
    sa.Column('policy', sa.String(length=71), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('at', Utc(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_verdicts'))
    )
    op.create_index(op.f('ix_verdicts_submission'), 'verdicts', ['submission'], unique=False)
    op.create_table('withdrawals',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('cause', sa.String(length=32), nullable=False),
    sa.Column('subject', sa.String(length=64), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('at', Utc(), nullable=False),
    sa.Column('clips', sa.Integer(), nullable=False),
    sa.Column('receipt', sa.Text(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_withdrawals'))
    )
    op.create_table('release_permits',
    sa.Column('clip', sa.String(length=24), nullable=False),
    sa.Column('permit', sa.String(length=36), nullable=False),
    sa.Column('subject', sa.String(length=36), nullable=False),
    sa.Column('grant_id', sa.String(length=36), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['clip'], ['releases.clip'], ),
    sa.PrimaryKeyConstraint('clip', 'permit', name=op.f('pk_release_permits'))
    )
    op.create_index(op.f('ix_release_permits_grant_id'), 'release_permits', ['grant_id'], unique=False)
    op.create_index(op.f('ix_release_permits_subject'), 'release_permits', ['subject'], unique=False)


def downgrade() -> None:
    op.drop_table('release_permits')
    op.drop_table('withdrawals')
    op.drop_table('verdicts')
    op.drop_table('releases')
    op.drop_table('policies')
    op.drop_table('ledger')
    op.drop_table('checkpoints')
    op.drop_table('cases')
