-- Every daemon asks after each step when the next lease ends; few streams have one.

CREATE INDEX stream_leased ON stream (lease_until) WHERE lease_until IS NOT NULL;
