-- What was found and done about a bad rating. The reply is sealed under the data key of the rating.
ALTER TABLE rectification ADD COLUMN finding TEXT;
ALTER TABLE rectification ADD COLUMN way TEXT;
ALTER TABLE rectification ADD COLUMN by_whom TEXT;
ALTER TABLE rectification ADD COLUMN sealed_reply BYTEA;
ALTER TABLE rectification ADD COLUMN leaf BYTEA;
ALTER TABLE rectification ADD COLUMN sealed_proof BYTEA;
CREATE INDEX rectification_organ ON rectification (organ_id, state, due_on);
