"""Tables of streams/."""

import sqlalchemy as sa
from alembic import op

from safety.db import Utc

revision = "0002_streams"
down_revision = "0001_safety"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('attempts',
    sa.Column('stage', sa.String(length=16), nullable=False),
    sa.Column('event', sa.String(length=36), nullable=False),
    sa.Column('count', sa.Integer(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.PrimaryKeyConstraint('stage', 'event', name=op.f('pk_attempts'))
    )
    op.create_table('cursors',
    sa.Column('reader', sa.String(length=32), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('reader', name=op.f('pk_cursors'))
    )
    op.create_table('dead_letters',
    sa.Column('id', sa.String(length=80), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('stage', sa.String(length=16), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('body', sa.LargeBinary(), nullable=False),
    sa.Column('at', Utc(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_dead_letters')),
    sa.UniqueConstraint('position', name=op.f('uq_dead_letters_position'))
    )
    op.create_table('handled',
    sa.Column('stage', sa.String(length=16), nullable=False),
    sa.Column('event', sa.String(length=36), nullable=False),
    sa.Column('at', Utc(), nullable=False),
    sa.PrimaryKeyConstraint('stage', 'event', name=op.f('pk_handled'))
    )
    op.create_table('log',
    sa.Column('position', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('type', sa.String(length=16), nullable=False),
    sa.Column('event', sa.String(length=36), nullable=False),
    sa.Column('submission', sa.String(length=36), nullable=False),
    sa.Column('body', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('position', name=op.f('pk_log')),
    sa.UniqueConstraint('event', name=op.f('uq_log_event'))
    )
    op.create_index(op.f('ix_log_submission'), 'log', ['submission'], unique=False)
    op.create_index(op.f('ix_log_type'), 'log', ['type'], unique=False)
    op.create_table('sealings',
    sa.Column('sealed', sa.String(length=71), nullable=False),
    sa.Column('clip', sa.String(length=24), nullable=False),
    sa.Column('submission', sa.String(length=36), nullable=False),
    sa.Column('draft', sa.String(length=71), nullable=False),
    sa.Column('at', Utc(), nullable=False),
    sa.PrimaryKeyConstraint('sealed', name=op.f('pk_sealings'))
    )
    op.create_index(op.f('ix_sealings_clip'), 'sealings', ['clip'], unique=False)
    op.create_table('submissions',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('requester', sa.String(length=64), nullable=False),
    sa.Column('prompt', sa.Text(), nullable=False),
    sa.Column('language', sa.String(length=16), nullable=True),
    sa.Column('cameos', sa.Text(), nullable=False),
    sa.Column('parent', sa.String(length=24), nullable=True),
    sa.Column('seed', sa.BigInteger(), nullable=False),
    sa.Column('width', sa.Integer(), nullable=False),
    sa.Column('height', sa.Integer(), nullable=False),
    sa.Column('seconds', sa.Float(), nullable=False),
    sa.Column('submitted_at', Utc(), nullable=False),
    sa.Column('status', sa.String(length=16), nullable=False),
    sa.Column('stage', sa.String(length=16), nullable=False),
    sa.Column('progress', sa.Float(), nullable=False),
    sa.Column('words', sa.String(length=120), nullable=False),
    sa.Column('clause', sa.String(length=64), nullable=True),
    sa.Column('detail', sa.Text(), nullable=True),
    sa.Column('prompt_verdict', sa.String(length=36), nullable=True),
    sa.Column('clip_verdict', sa.String(length=36), nullable=True),
    sa.Column('draft', sa.String(length=71), nullable=True),
    sa.Column('registry', sa.Integer(), nullable=True),
    sa.Column('clip', sa.String(length=24), nullable=True),
    sa.Column('ended_at', Utc(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_submissions'))
    )
    op.create_index(op.f('ix_submissions_clip'), 'submissions', ['clip'], unique=False)
    op.create_index(op.f('ix_submissions_requester'), 'submissions', ['requester'], unique=False)
    op.create_index(op.f('ix_submissions_status'), 'submissions', ['status'], unique=False)


def downgrade() -> None:
    op.drop_table('submissions')
    op.drop_table('sealings')
    op.drop_table('log')
    op.drop_table('handled')
    op.drop_table('dead_letters')
    op.drop_table('cursors')
    op.drop_table('attempts')
