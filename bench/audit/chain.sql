-- A minimal audit trail as a hash chain: each entry repeats the hash of the one before, so writers of a tenant wait for
-- each other at the head. Only the benchmark has it.
CREATE TABLE chain_heads (tenant_id text PRIMARY KEY, hash text NOT NULL);
INSERT INTO chain_heads VALUES ('chain', repeat('0', 64));
CREATE TABLE chain_entries (tenant_id text NOT NULL, id text PRIMARY KEY, data jsonb NOT NULL, prev_hash text NOT NULL, hash text NOT NULL);
