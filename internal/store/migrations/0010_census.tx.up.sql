-- When a source was last counted, and what a count did not find that was too much to believe.
ALTER TABLE sources
    ADD COLUMN census_at       timestamptz,
    ADD COLUMN unobserved      integer NOT NULL DEFAULT 0,
    ADD COLUMN accept_vanished boolean NOT NULL DEFAULT false,
    ADD CONSTRAINT sources_unobserved_check CHECK (unobserved >= 0);
