-- What a daemon looks up again and again has an index of its own: the rows of an account are many, those looked for few.

CREATE INDEX order_line_not_sent ON order_line (account, offer) WHERE ordered > open + booked;
CREATE INDEX offer_awaiting ON offer (account) WHERE awaiting_pass = 1;
CREATE INDEX attempt_item_offer ON attempt_item (offer);
