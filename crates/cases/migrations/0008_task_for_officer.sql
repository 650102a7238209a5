-- Open task: who asked the officer in whose hand it is to do it (委托). Done task: in whose place it was done (委托、代办).
ALTER TABLE task ADD COLUMN for_officer TEXT;
