-- Who has a task in hand, how often it was urged, and where its completion led the process (for taking it back).
ALTER TABLE task ADD COLUMN assigned_to TEXT;
ALTER TABLE task ADD COLUMN urged BIGINT NOT NULL DEFAULT 0;
ALTER TABLE task ADD COLUMN led_to TEXT;
