-- What an import adds to a campaign; a campaign without an import has neither table.

-- Records that were made elsewhere, as they were read; number is that of the line.
CREATE TABLE IF NOT EXISTS record (
    number INTEGER PRIMARY KEY,
    kind   TEXT NOT NULL,
    line   TEXT NOT NULL
);

-- What is doubtful of what was read; line is that of the imported file. what is a sentence of the
-- three parts that follow it: what was expected, what there is, and why that was expected.
CREATE TABLE IF NOT EXISTS doubt (
    number INTEGER PRIMARY KEY,
    line   INTEGER NOT NULL,
    record TEXT NOT NULL,
    kind   TEXT NOT NULL,
    what   TEXT NOT NULL,
    expected TEXT NOT NULL,
    found    TEXT NOT NULL,
    basis    TEXT NOT NULL
);
