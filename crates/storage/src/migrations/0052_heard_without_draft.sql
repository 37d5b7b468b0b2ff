-- What was heard stays held until its draft is there: the few that are held are found among all that were ever heard.
CREATE INDEX listening_held ON listening (held_until) WHERE held_until IS NOT NULL;
