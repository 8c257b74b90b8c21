-- Secrets, encrypted: of an account, or, where account is empty, of an application that several accounts share.

CREATE TABLE vault (
    account         TEXT NOT NULL,
    name            TEXT NOT NULL,
    key_id          TEXT NOT NULL,                -- which key opens it; says nothing about the key itself
    nonce           BLOB NOT NULL,
    ciphertext      BLOB NOT NULL,
    written_at      TEXT NOT NULL,
    expires_at      TEXT,                         -- of no use from then on
    PRIMARY KEY (account, name)
) STRICT;
