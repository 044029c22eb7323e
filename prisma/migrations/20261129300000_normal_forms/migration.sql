-- Written by hand. Names, texts, domains and e-mail addresses get the stored form that `src/platform/text` gives to new
-- ones, and the search columns get the form of its function `fold`. An unchanged row is not written.

-- Lines: NFC, each run of blanks as one space, no invisible characters. The joiners U+200C and U+200D stay.
CREATE OR REPLACE FUNCTION pg_temp.normal_line(line text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT coalesce(nullif(btrim(normalize(regexp_replace(regexp_replace(line,
    '[\u200B\u200E\u200F\u202A-\u202E\u2060\u2066-\u2069\uFEFF]', '', 'g'),
    '[ \u00A0\u1680\u2000-\u200A\u2028\u2029\u202F\u205F\u3000]+', ' ', 'g'), NFC)), ''), line)
$$;
-- Texts of several lines: NFC, with LF as the end of each line.
CREATE OR REPLACE FUNCTION pg_temp.normal_note(note text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT coalesce(nullif(btrim(normalize(regexp_replace(regexp_replace(note,
    '\uFEFF', '', 'g'), '\r\n?', E'\n', 'g'), NFC), E' \n\t'), ''), note)
$$;
-- A label of a domain as people write it: the decoder of RFC 3492, section 6.2. A label that is not in this code stays.
CREATE OR REPLACE FUNCTION pg_temp.written_label(label text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  encoded text := substr(label, 5);
  hyphen int := position('-' in reverse(encoded));
  written text := CASE WHEN hyphen = 0 THEN '' ELSE left(encoded, -hyphen) END;
  at int := CASE WHEN hyphen = 0 THEN 1 ELSE length(encoded) - hyphen + 2 END;
  code bigint := 128;
  place bigint := 0;
  before bigint;
  weight bigint;
  digit int;
  threshold int;
  k int;
  bias int := 72;
  delta bigint;
  size int;
BEGIN
  IF label NOT LIKE 'xn--%' THEN RETURN label; END IF;
  WHILE at <= length(encoded) LOOP
    before := place;
    weight := 1;
    k := 36;
    LOOP
      IF at > length(encoded) THEN RETURN label; END IF;
      digit := position(substr(encoded, at, 1) in 'abcdefghijklmnopqrstuvwxyz0123456789') - 1;
      IF digit < 0 THEN RETURN label; END IF;
      at := at + 1;
      place := place + digit * weight;
      threshold := greatest(1, least(26, k - bias));
      EXIT WHEN digit < threshold;
      weight := weight * (36 - threshold);
      k := k + 36;
    END LOOP;
    size := length(written) + 1;
    delta := CASE WHEN before = 0 THEN (place - before) / 700 ELSE (place - before) / 2 END;
    delta := delta + delta / size;
    k := 0;
    WHILE delta > 455 LOOP
      delta := delta / 35;
      k := k + 36;
    END LOOP;
    bias := k + 36 * delta / (delta + 38);
    code := code + place / size;
    place := place % size;
    IF code > 1114111 OR code BETWEEN 55296 AND 57343 THEN RETURN label; END IF;
    written := overlay(written PLACING chr(code::int) FROM place::int + 1 FOR 0);
    place := place + 1;
  END LOOP;
  -- A label with a symbol, such as an emoji, stays too.
  RETURN CASE
    WHEN written = lower(normalize(written, NFC))
      AND written ~ '^[-a-z0-9\u00C0-\u1FFF\u2C00-\uD7FF\uF900-\uFFEF\U00010000-\U0001EFFF\U00020000-\U0003FFFF]+$'
    THEN written ELSE label END;
EXCEPTION WHEN numeric_value_out_of_range THEN
  RETURN label;
END
$$;
CREATE OR REPLACE FUNCTION pg_temp.written_domain(domain text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT string_agg(pg_temp.written_label(label), '.' ORDER BY number)
  FROM unnest(string_to_array(domain, '.')) WITH ORDINALITY AS labels (label, number)
$$;
CREATE OR REPLACE FUNCTION pg_temp.written_address(address text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT split_part(address, '@', 1) || '@' || pg_temp.written_domain(split_part(address, '@', 2))
$$;

UPDATE tenants SET name = pg_temp.normal_line(name) WHERE name <> pg_temp.normal_line(name);
UPDATE api_keys SET name = pg_temp.normal_line(name) WHERE name <> pg_temp.normal_line(name);
UPDATE users SET name = pg_temp.normal_line(name) WHERE name <> pg_temp.normal_line(name);
UPDATE users SET email = pg_temp.written_address(email) WHERE email ~ '[@.]xn--';
UPDATE companies
SET name = pg_temp.normal_line(name), industry = pg_temp.normal_line(industry), city = pg_temp.normal_line(city)
WHERE (name, industry, city) IS DISTINCT FROM
  (pg_temp.normal_line(name), pg_temp.normal_line(industry), pg_temp.normal_line(city));
UPDATE companies SET domain = pg_temp.written_domain(domain) WHERE domain ~ '(^|\.)xn--';
UPDATE contacts
SET name = pg_temp.normal_line(name), phone = pg_temp.normal_line(phone), job_title = pg_temp.normal_line(job_title)
WHERE (name, phone, job_title) IS DISTINCT FROM
  (pg_temp.normal_line(name), pg_temp.normal_line(phone), pg_temp.normal_line(job_title));
UPDATE contacts SET email = pg_temp.written_address(email) WHERE email ~ '[@.]xn--';
UPDATE deals SET title = pg_temp.normal_line(title) WHERE title <> pg_temp.normal_line(title);
UPDATE projects SET name = pg_temp.normal_line(name), description = pg_temp.normal_note(description)
WHERE (name, description) IS DISTINCT FROM (pg_temp.normal_line(name), pg_temp.normal_note(description));
UPDATE tasks SET title = pg_temp.normal_line(title), description = pg_temp.normal_note(description)
WHERE (title, description) IS DISTINCT FROM (pg_temp.normal_line(title), pg_temp.normal_note(description));

-- The function `fold` of `src/platform/text/fold.ts`, for names that are stored in their normal form.
CREATE FUNCTION fold(name text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT btrim(normalize(replace(replace(lower(normalize(name, NFKC)), 'ς', 'σ'), 'i' || chr(775), 'i'), NFKC))
$$;
ALTER TABLE companies DROP COLUMN search_name;
ALTER TABLE companies ADD COLUMN search_name TEXT COLLATE "C" GENERATED ALWAYS AS (fold(name)) STORED;
CREATE INDEX "companies_tenant_id_search_name_idx" ON companies (tenant_id, search_name);
ALTER TABLE contacts DROP COLUMN search_name;
ALTER TABLE contacts ADD COLUMN search_name TEXT COLLATE "C" GENERATED ALWAYS AS (fold(name)) STORED;
CREATE INDEX "contacts_tenant_id_search_name_idx" ON contacts (tenant_id, search_name);
ALTER TABLE deals DROP COLUMN search_title;
ALTER TABLE deals ADD COLUMN search_title TEXT COLLATE "C" GENERATED ALWAYS AS (fold(title)) STORED;
CREATE INDEX "deals_tenant_id_search_title_idx" ON deals (tenant_id, search_title);

-- The next migration may run in the same session.
DROP FUNCTION pg_temp.normal_line, pg_temp.normal_note, pg_temp.written_address, pg_temp.written_domain,
  pg_temp.written_label;
