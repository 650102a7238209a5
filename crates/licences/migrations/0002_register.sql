-- The register for officers: licences of an organ, latest first, found by the blind index of the holder's name too.
ALTER TABLE licence ADD COLUMN name_index TEXT NOT NULL DEFAULT '';
CREATE INDEX licence_organ ON licence (organ_id, id);
CREATE INDEX licence_holder_name ON licence (name_index, id);
