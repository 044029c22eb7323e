/**
 * The tables and functions of the search in PostgreSQL, as a migration creates them. No extension is needed. A test
 * compares the functions with their counterparts in TypeScript, and the migrations with this text.
 */
import { CAPITALS, LETTERS, LONGEST_TOKEN, MARKS, type Range, SEPARATORS, UNSPACED } from './characters.ts';
import { LONGEST_NEAR, SHORTEST_NEAR } from './near.ts';

/** The longest text of details, in characters, that is searched and shown. */
export const LONGEST_DETAIL = 1000;

/** Returns the statements that create the functions. */
export function functionsSql(): string {
  return [foldFunction(), tokensFunction(), termsFunction(), nearFunction(), putFunction(), dropFunction()].join(
    '\n\n',
  );
}

function foldFunction(): string {
  const single = [...capitals(), ...LETTERS.filter(([, to]) => to.length === 1)];
  const double = LETTERS.filter(([, to]) => to.length > 1);
  const bare = `regexp_replace(normalize(lower(normalize(text, NFKD)), NFKD), '${classOf(MARKS)}+', '', 'g')`;
  const [from, to] = [0, 1].map((side) => single.map((pair) => pair[side]).join(''));

  const translated = `translate(normalize(${bare}, NFC), '${from}', '${to}')`;
  const folded = double.reduce((inner, [from, to]) => `replace(${inner}, '${from}', '${to}')`, translated);
  return `-- A text as it is searched: without case, accents, ligatures and full-width letters.
CREATE OR REPLACE FUNCTION search_fold(text text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE WHEN octet_length(text) = char_length(text) THEN lower(text)
    ELSE ${folded} END
$$;`;
}

/** Returns each capital of the table with its small letter in the folded form. */
function capitals(): (readonly [string, string])[] {
  const points = CAPITALS.flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, at) => from + at));
  return points.flatMap((point) => {
    const capital = String.fromCodePoint(point);
    const small = capital.toLowerCase();
    if (small === capital || capital.normalize('NFKD') !== capital) return [];
    const [, letter = small] = LETTERS.find(([from, to]) => from === small && to.length === 1) ?? [];
    return [[capital, letter] as const];
  });
}

function tokensFunction(): string {
  return `-- The tokens of a text, in their order. A run of a script without blanks becomes pairs of neighbours.
CREATE OR REPLACE FUNCTION search_tokens(text text) RETURNS text[] LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  apart text := btrim(regexp_replace(search_fold(text), '${classOf(SEPARATORS)}+', ' ', 'g'));
BEGIN
  IF apart !~ '${classOf(UNSPACED)}' THEN
    RETURN ARRAY(SELECT left(word, ${LONGEST_TOKEN}) FROM unnest(string_to_array(apart, ' ')) WITH ORDINALITY AS words (word, place)
      WHERE word <> '' ORDER BY place);
  END IF;
  apart := regexp_replace(apart, '(${classOf(UNSPACED)}+)', ' \\1 ', 'g');
  RETURN ARRAY(
    SELECT CASE WHEN word ~ '${classOf(UNSPACED)}' THEN substr(left(word, ${LONGEST_TOKEN}), first, 2) ELSE left(word, ${LONGEST_TOKEN}) END
    FROM unnest(string_to_array(apart, ' ')) WITH ORDINALITY AS words (word, place),
      generate_series(1, CASE WHEN word ~ '${classOf(UNSPACED)}' THEN least(char_length(word), ${LONGEST_TOKEN}) ELSE 1 END) AS first
    WHERE word <> '' ORDER BY place, first);
END
$$;`;
}

function termsFunction(): string {
  return `-- The lexemes of an entry. Each begins with the tenant and the kind, so no search meets the lexemes of another tenant.
CREATE OR REPLACE FUNCTION search_terms(scope text, title text, addresses text, detail text, phones text, labels text[])
RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT coalesce(string_agg('''' || scope || token || ''':' || place, ' '), '')::tsvector FROM (
    SELECT token, place || 'A' FROM unnest(search_tokens(title)) WITH ORDINALITY AS tokens (token, place)
    UNION ALL SELECT token, place + 1000 || 'B' FROM unnest(search_tokens(addresses)) WITH ORDINALITY AS tokens (token, place)
    UNION ALL SELECT token, place + 2000 || 'C' FROM unnest(search_tokens(detail)) WITH ORDINALITY AS tokens (token, place)
    UNION ALL SELECT '#' || substr(digits, first, 4), first + 9000 || 'C'
      FROM regexp_replace(phones, '[^0-9]', '', 'g') AS digits, generate_series(1, least(char_length(digits), ${LONGEST_TOKEN}) - 3) AS first
    UNION ALL SELECT '=' || replace(replace(label, '\\', '\\\\'), '''', ''''''), '16000D'
      FROM unnest(labels) AS label WHERE label IS NOT NULL
  ) AS terms (token, place)
$$;`;
}

function nearFunction(): string {
  return `-- The word, and the word without one of its letters: two words with a common form differ by a typing error.
CREATE OR REPLACE FUNCTION search_near(tenant text, word text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT array_agg(DISTINCT tenant || chr(31) || form) FROM (
    SELECT word UNION ALL SELECT overlay(word PLACING '' FROM place FOR 1) FROM generate_series(1, char_length(word)) AS place
  ) AS forms (form)
$$;`;
}

function putFunction(): string {
  return `-- Keeps the entry of a row, and the words of its texts. A word may be kept twice by two writers at a time: a unique
-- index would let them wait for each other.
CREATE OR REPLACE FUNCTION search_put(tenant text, kind text, id text, title text, addresses text, detail text, phones text,
  labels text[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  searched text := left(detail, ${LONGEST_DETAIL});
  shown text := nullif(concat_ws(' · ', nullif(addresses, ''), nullif(phones, ''), nullif(searched, '')), '');
  -- The last label of a domain is left out, because many addresses share it.
  parts text := regexp_replace(addresses, '\\.[^.@ ]+( |$)', '\\1', 'g');
BEGIN
  INSERT INTO search_entries AS entry (tenant_id, kind, id, title, detail, terms)
  VALUES (tenant, kind, id, title, shown,
    search_terms(tenant || chr(31) || kind || chr(31), title, parts, searched, phones, labels))
  ON CONFLICT ON CONSTRAINT search_entries_pkey DO UPDATE
  SET title = excluded.title, detail = excluded.detail, terms = excluded.terms;
  INSERT INTO search_words (tenant_id, word, near)
  SELECT tenant, new.word, search_near(tenant, new.word)
  FROM (SELECT DISTINCT unnest(search_tokens(concat_ws(' ', title, searched)))) AS new (word)
  WHERE char_length(new.word) BETWEEN ${SHORTEST_NEAR} AND ${LONGEST_NEAR} AND new.word !~ '[0-9]'
    AND NOT EXISTS (SELECT FROM search_words AS known WHERE known.tenant_id = tenant AND known.word = new.word);
END
$$;`;
}

function dropFunction(): string {
  return `-- Removes the entry of a removed row. The argument of the trigger is the kind.
CREATE OR REPLACE FUNCTION search_drop() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM search_entries WHERE tenant_id = OLD.tenant_id AND kind = TG_ARGV[0] AND id = OLD.id;
  RETURN NULL;
END
$$;`;
}

/** Returns the ranges as a class of a regular expression of PostgreSQL. */
function classOf(ranges: readonly Range[]): string {
  const hex = (point: number) =>
    point > 0xffff ? `\\U${point.toString(16).padStart(8, '0')}` : `\\u${point.toString(16).padStart(4, '0')}`;
  // A lone half of a pair cannot be stored, and the database knows no such character.
  const storable = ranges.map(([from, to]): Range => (from === 0xd800 ? [0xe000, to] : [from, to]));
  return `[${storable.map(([from, to]) => (from === to ? hex(from) : `${hex(from)}-${hex(to)}`)).join('')}]`;
}
