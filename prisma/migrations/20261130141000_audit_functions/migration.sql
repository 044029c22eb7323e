-- Written by hand.
-- The two changes of an entry that the trigger allows are functions. They run with the rights of their owner, so the
-- role of the app needs no right to update or delete entries; see `prisma/roles.ts`.
CREATE OR REPLACE FUNCTION audit_place(of_tenant text, in_seal int, ids text[], commitments text[], leaves text[])
RETURNS int LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH placed AS (
    UPDATE audit_entries e
    SET seal = in_seal, position = given.place - 1,
      commitment = coalesce(e.commitment, commitments[given.place]), leaf = coalesce(e.leaf, leaves[given.place])
    FROM unnest(ids) WITH ORDINALITY AS given (id, place)
    WHERE e.tenant_id = of_tenant AND e.id = given.id
    RETURNING 1
  )
  SELECT count(*)::int FROM placed
$$;
CREATE OR REPLACE FUNCTION audit_erase(of_tenant text, of_entry text)
RETURNS int LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH erased AS (
    UPDATE audit_entries SET data = NULL, salt = NULL
    WHERE tenant_id = of_tenant AND id = of_entry AND data IS NOT NULL
    RETURNING 1
  )
  SELECT count(*)::int FROM erased
$$;
