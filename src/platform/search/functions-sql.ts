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
  const kept = [foldFunction(), tokensFunction(), termsFunction(), nearFunction(), putFunction(), dropFunction()];
  return [...kept, rankedFunction()].join('\n\n');
}

function foldFunction(): string {
  const single = [...capitals(), ...LETTERS.filter(([, to]) => to.length === 1)];
  const double = LETTERS.filter(([, to]) => to.length > 1);
  const bare = `regexp_replace(normalize(lower(normalize(text, NFKD)), NFKD), '${classOf(MARKS)}+', '', 'g')`;
  const [from, to] = [0, 1].map((side) => single.map((pair) => pair[side]).join(''));
  const translated = `translate(normalize(${bare}, NFC), '${from}', '${to}')`;
  const folded = double.reduce((inner, [from, to]) => `replace(${inner}, '${from}', '${to}')`, translated);
  return `-- A text as it is searched: without case, accents, ligatures and full-width letters.
CREATE OR REPLACE FUNCTION search_fold(text text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
  IF octet_length(text) = char_length(text) THEN RETURN lower(text); END IF;
  RETURN ${folded};
END
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
CREATE OR REPLACE FUNCTION search_tokens(text text) RETURNS text[] LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  apart text;
  word text;
  tokens text[] := '{}';
BEGIN
  IF text IS NULL THEN RETURN tokens; END IF;
  IF octet_length(text) = char_length(text) THEN
    apart := btrim(regexp_replace(lower(text), '[^a-z0-9]+', ' ', 'g'));
    IF char_length(apart) <= ${LONGEST_TOKEN} THEN RETURN string_to_array(apart, ' '); END IF;
  ELSE
    apart := btrim(regexp_replace(search_fold(text), '${classOf(SEPARATORS)}+', ' ', 'g'));
    apart := regexp_replace(apart, '(${classOf(UNSPACED)}+)', ' \\1 ', 'g');
  END IF;
  FOREACH word IN ARRAY string_to_array(apart, ' ') LOOP
    IF word = '' THEN CONTINUE; END IF;
    word := left(word, ${LONGEST_TOKEN});
    IF octet_length(word) > char_length(word) AND word ~ '${classOf(UNSPACED)}' THEN
      FOR begins IN 1 .. char_length(word) LOOP tokens := tokens || substr(word, begins, 2); END LOOP;
    ELSE
      tokens := tokens || word;
    END IF;
  END LOOP;
  RETURN tokens;
END
$$;`;
}

function termsFunction(): string {
  return `-- The lexemes of an entry. Each begins with the tenant and the kind, so no search meets the lexemes of another tenant.
CREATE OR REPLACE FUNCTION search_terms(scope text, titles text[], addresses text[], details text[], phones text, labels text[])
RETURNS tsvector LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  terms text := '';
  token text;
  place int := 0;
  digits text := coalesce(left(regexp_replace(phones, '[^0-9]', '', 'g'), ${LONGEST_TOKEN}), '');
BEGIN
  FOREACH token IN ARRAY titles LOOP
    place := place + 1;
    terms := terms || '''' || scope || token || ''':' || place || 'A ';
  END LOOP;
  place := 1000;
  FOREACH token IN ARRAY addresses LOOP
    place := place + 1;
    terms := terms || '''' || scope || token || ''':' || place || 'B ';
  END LOOP;
  place := 2000;
  FOREACH token IN ARRAY details LOOP
    place := place + 1;
    terms := terms || '''' || scope || token || ''':' || place || 'C ';
  END LOOP;
  FOR begins IN 1 .. char_length(digits) - 3 LOOP
    terms := terms || '''' || scope || '#' || substr(digits, begins, 4) || ''':' || 9000 + begins || 'C ';
  END LOOP;
  FOREACH token IN ARRAY labels LOOP
    IF token IS NOT NULL THEN
      terms := terms || '''' || scope || '=' || replace(replace(token, '\\', '\\\\'), '''', '''''') || ''':16000D ';
    END IF;
  END LOOP;
  RETURN terms::tsvector;
END
$$;`;
}

function nearFunction(): string {
  return `-- The word, and the word without one of its letters: two words with a common form differ by a typing error.
CREATE OR REPLACE FUNCTION search_near(tenant text, word text) RETURNS text[] LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  forms text[] := ARRAY[tenant || chr(31) || word];
BEGIN
  FOR place IN 1 .. char_length(word) LOOP
    -- Of equal neighbours, each makes the same form.
    IF substr(word, place, 1) <> substr(word, place + 1, 1) THEN
      forms := forms || (tenant || chr(31) || overlay(word PLACING '' FROM place FOR 1));
    END IF;
  END LOOP;
  RETURN forms;
END
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
  titles text[] := search_tokens(title);
  details text[] := search_tokens(searched);
  token text;
BEGIN
  -- The last label of a domain is left out, because many addresses share it.
  INSERT INTO search_entries AS entry (tenant_id, kind, id, title, detail, terms)
  VALUES (tenant, kind, id, title, shown, search_terms(tenant || chr(31) || kind || chr(31), titles,
    search_tokens(regexp_replace(addresses, '\\.[^.@ ]+( |$)', '\\1', 'g')), details, phones, labels))
  ON CONFLICT ON CONSTRAINT search_entries_pkey DO UPDATE
  SET title = excluded.title, detail = excluded.detail, terms = excluded.terms;
  FOREACH token IN ARRAY titles || details LOOP
    IF char_length(token) BETWEEN ${SHORTEST_NEAR} AND ${LONGEST_NEAR} AND token !~ '[0-9]' THEN
      PERFORM FROM search_words AS known WHERE known.tenant_id = tenant AND known.word = token LIMIT 1;
      IF NOT FOUND THEN
        INSERT INTO search_words (tenant_id, word, near) VALUES (tenant, token, search_near(tenant, token));
      END IF;
    END IF;
  END LOOP;
END
$$;`;
}

function rankedFunction(): string {
  return `-- The first entries that match, with their ranks. Without these settings the planner might read the whole table for a
-- frequent word, because the limit is small, or compile the statement, which takes longer than the statement.
CREATE OR REPLACE FUNCTION search_ranked(match tsquery, words tsquery, most int)
RETURNS TABLE (tenant_id text, kind text, id text, title text, detail text, rank real)
LANGUAGE plpgsql STABLE SET enable_seqscan = off SET jit = off AS $$
BEGIN
  RETURN QUERY SELECT found.tenant_id, found.kind, found.id, found.title, found.detail, ts_rank('{0,0.2,0.5,1}', found.terms, words)
  FROM (SELECT * FROM search_entries AS entry WHERE entry.terms @@ match LIMIT most) AS found;
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
  // Half of a surrogate pair cannot be stored alone, and the database knows no such character.
  const storable = ranges.map(([from, to]): Range => (from === 0xd800 ? [0xe000, to] : [from, to]));
  return `[${storable.map(([from, to]) => (from === to ? hex(from) : `${hex(from)}-${hex(to)}`)).join('')}]`;
}
