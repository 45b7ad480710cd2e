"""What the state file is made of: each step is what a version added."""

from __future__ import annotations

_LEDGER = """
CREATE TABLE entries (
    account TEXT NOT NULL, date TEXT NOT NULL, stream TEXT NOT NULL,
    outcome TEXT NOT NULL, reason TEXT NOT NULL, records INTEGER NOT NULL, digest TEXT NOT NULL,
    source TEXT NOT NULL,
    asked_at TEXT NOT NULL, stored_at TEXT, empty_since TEXT, verdict TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (account, date, stream)
) WITHOUT ROWID;
CREATE TABLE dates (
    account TEXT NOT NULL, date TEXT NOT NULL, zone TEXT NOT NULL, digest TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (account, date)
) WITHOUT ROWID;
"""
_BUDGETS = """
CREATE TABLE budgets (
    account TEXT NOT NULL, origin TEXT NOT NULL, left INTEGER NOT NULL, resets_at TEXT NOT NULL,
    silent_until TEXT,
    PRIMARY KEY (account, origin)
) WITHOUT ROWID;
"""
_READ_BACK = "ALTER TABLE dates ADD COLUMN verified_at TEXT;"
_LATE = "ALTER TABLE budgets ADD COLUMN late INTEGER NOT NULL DEFAULT 0;"
_RUNS = """
CREATE TABLE runs (
    id INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT NOT NULL, dates TEXT NOT NULL, force TEXT NOT NULL,
    wished_by TEXT NOT NULL, state TEXT NOT NULL, reason TEXT NOT NULL DEFAULT '',
    counts TEXT NOT NULL DEFAULT '{}', report TEXT NOT NULL DEFAULT '',
    asked_at TEXT NOT NULL, started_at TEXT, ended_at TEXT
);
CREATE INDEX open_runs ON runs (account, id) WHERE ended_at IS NULL;
"""
_STANDINGS = """
CREATE TABLE standings (
    account TEXT NOT NULL, obstacle TEXT NOT NULL, reason TEXT NOT NULL, way TEXT NOT NULL,
    since TEXT NOT NULL, until TEXT,
    PRIMARY KEY (account, obstacle)
) WITHOUT ROWID;
"""
_MARKS = """
CREATE TABLE marks (
    account TEXT NOT NULL, mark TEXT NOT NULL, about TEXT NOT NULL, at TEXT NOT NULL, value REAL,
    PRIMARY KEY (account, mark, about)
) WITHOUT ROWID;
"""
# Dates that were asked lately by an earlier version are looked at again; older ones count as sealed.
_SETTLING = """
ALTER TABLE entries ADD COLUMN changed_at TEXT;
ALTER TABLE entries ADD COLUMN passed_at TEXT;
ALTER TABLE entries ADD COLUMN due_at TEXT;
ALTER TABLE entries ADD COLUMN settled TEXT NOT NULL DEFAULT '';
UPDATE entries SET due_at = asked_at WHERE date >= date(asked_at, '-30 days');
CREATE INDEX due_entries ON entries (account, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX stream_entries ON entries (account, stream, date, outcome, source); -- covers what is asked of it
CREATE TABLE devices (
    account TEXT NOT NULL, device TEXT NOT NULL, synced_at TEXT NOT NULL,
    leapt_from TEXT, leapt_to TEXT, noticed_at TEXT,
    PRIMARY KEY (account, device)
) WITHOUT ROWID;
CREATE TABLE promises (
    account TEXT NOT NULL, first TEXT NOT NULL, last TEXT NOT NULL, PRIMARY KEY (account, first, last)
) WITHOUT ROWID;
"""
_ALERTS = """
CREATE TABLE alerts (
    key TEXT PRIMARY KEY, kind TEXT NOT NULL, account TEXT NOT NULL, what TEXT NOT NULL, fault TEXT NOT NULL,
    remedy TEXT NOT NULL, raised_at TEXT NOT NULL, gone_at TEXT
) WITHOUT ROWID;
CREATE TABLE letters (
    alert TEXT NOT NULL, phase TEXT NOT NULL, channel TEXT NOT NULL,
    PRIMARY KEY (alert, phase, channel)
) WITHOUT ROWID;
"""
# They were made in another way: each answer of the trailing dates is stored once more, and none counts as changed.
DIGESTS = "UPDATE entries SET digest = '';"
# What was asked is known without counting through the years. Whatever writes entries keeps it up by itself; a date that
# goes leaves the ends where they are, and then the count says that there are gaps.
EXTENTS = """
CREATE TABLE extents (
    account TEXT NOT NULL, stream TEXT NOT NULL, source TEXT NOT NULL,
    first TEXT NOT NULL, last TEXT NOT NULL, dates INTEGER NOT NULL,
    PRIMARY KEY (account, stream, source)
) WITHOUT ROWID;
INSERT INTO extents
    SELECT account, stream, source, MIN(date), MAX(date), COUNT(*) FROM entries WHERE outcome != 'not_offered'
    GROUP BY account, stream, source;
CREATE TRIGGER entry_came AFTER INSERT ON entries WHEN NEW.outcome != 'not_offered' BEGIN
    INSERT INTO extents VALUES (NEW.account, NEW.stream, NEW.source, NEW.date, NEW.date, 1)
    ON CONFLICT DO UPDATE SET first = MIN(first, excluded.first), last = MAX(last, excluded.last), dates = dates + 1;
END;
CREATE TRIGGER entry_went AFTER DELETE ON entries WHEN OLD.outcome != 'not_offered' BEGIN
    UPDATE extents SET dates = dates - 1
    WHERE account = OLD.account AND stream = OLD.stream AND source = OLD.source;
END;
CREATE TRIGGER entry_changed AFTER UPDATE OF outcome, source ON entries
WHEN OLD.source != NEW.source OR (OLD.outcome = 'not_offered') != (NEW.outcome = 'not_offered') BEGIN
    UPDATE extents SET dates = dates - 1
    WHERE account = OLD.account AND stream = OLD.stream AND source = OLD.source AND OLD.outcome != 'not_offered';
    INSERT INTO extents SELECT NEW.account, NEW.stream, NEW.source, NEW.date, NEW.date, 1
    WHERE NEW.outcome != 'not_offered'
    ON CONFLICT DO UPDATE SET first = MIN(first, excluded.first), last = MAX(last, excluded.last), dates = dates + 1;
END;
"""
STEPS = (  # what each version added
    _LEDGER,
    _BUDGETS,
    _READ_BACK,
    _LATE,
    _RUNS,
    _STANDINGS,
    _MARKS,
    _SETTLING,
    _ALERTS,
    DIGESTS,
    EXTENTS,
)
