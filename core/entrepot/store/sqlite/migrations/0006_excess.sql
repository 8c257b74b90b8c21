-- Quantities that were seen above all that we wrote. Whether somebody raised them is known once the orders until then
-- are read: they may bring a cancellation whose units the channel has put back.

CREATE TABLE excess (
    account         TEXT NOT NULL,
    offer           TEXT NOT NULL,
    seen            INTEGER NOT NULL,
    seen_at         TEXT NOT NULL,
    shown           INTEGER NOT NULL,             -- the last number known before
    shown_at        TEXT NOT NULL,
    PRIMARY KEY (account, offer)
) STRICT, WITHOUT ROWID;
