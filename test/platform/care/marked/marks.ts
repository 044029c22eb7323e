/**
 * The marked values of a patient, and the search for them in any text: plain, in the spellings of JSON and of addresses,
 * in hexadecimal, in base64, in compressed base64, and as digests without a key, from which a value can be guessed.
 */
import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';

/** The values. Random ids, digits and base64 cannot spell any of them. */
export const MARKS = {
  number: 'OTTER-FILE-SEVEN',
  name: 'Zoë Quillfeather',
  word: 'Quillfeather',
  birth: '1911-02-03',
  address: 'Nine Otter Quay',
  phone: 'phone of the otter',
  email: 'quill.otter@patients.example',
  note: 'the otter sleeps badly',
  diagnosis: 'a märked diagnosis of otters',
  result: 'the result says otter',
  amended: 'the otter sleeps well again',
  restricted: 'the otter told a secret',
  visit: 'an otter with a cough',
  emergency: 'the otter is unconscious',
  memo: 'a bill for the otter',
  /** Belongs to no patient: the test puts this value into every place, where the search must find it. */
  planted: 'a planted otter of glass',
} as const;

/** A text and its place. */
export interface Found {
  place: string;
  text: string;
}

interface Form {
  mark: string;
  form: string;
  text: string;
  /** Whether capitals matter, as in base64. */
  isExact: boolean;
}

const FORMS: readonly Form[] = Object.entries(MARKS).flatMap(([mark, value]) => formsOf(mark, value));

/** The shortest base64 that is looked into. */
const ENCODED = /[A-Za-z0-9+/_-]{24,}={0,2}/g;

/** Returns each mark that is in a place, with its form, each once. */
export function search(places: Iterable<Found>): string[] {
  const findings = new Set<string>();
  for (const { place, text } of places) {
    for (const layer of [text, ...unpacked(text)]) {
      const lower = layer.toLowerCase();
      for (const { mark, form, text: wanted, isExact } of FORMS) {
        if ((isExact ? layer : lower).includes(wanted)) findings.add(`${place}: ${mark} (${form})`);
      }
    }
  }
  return [...findings].sort();
}

/** Returns a mark in each form in which the search must find it. */
export function disguises(value: string): Record<string, string> {
  const bytes = Buffer.from(value);
  return {
    plain: `before ${value} after`,
    capitals: value.toUpperCase(),
    json: JSON.stringify(JSON.stringify({ value })),
    escaped: JSON.stringify(value).replace(/[\u0080-\uffff]/g, unicodeEscape),
    address: `/patients?name=${encodeURIComponent(value)}`,
    form: new URLSearchParams({ value }).toString(),
    'without accents': withoutAccents(value),
    hexadecimal: `\\x${bytes.toString('hex')}`,
    ...Object.fromEntries(
      [0, 1, 2].map((at) => [`base64 ${at}`, Buffer.concat([Buffer.alloc(at, 65), bytes]).toString('base64')]),
    ),
    base64url: Buffer.from(JSON.stringify({ value })).toString('base64url'),
    digest: createHash('sha256').update(value).digest('base64url'),
  };
}

function formsOf(mark: string, value: string): Form[] {
  const spellings = [value, value.toLowerCase(), value.toUpperCase(), withoutAccents(value)];
  const forms: Form[] = [];
  const add = (form: string, text: string, isExact = false) =>
    forms.push({ mark, form, text: isExact ? text : text.toLowerCase(), isExact });
  for (const spelling of new Set(spellings)) {
    add('plain', spelling);
    add(
      'escaped',
      JSON.stringify(spelling)
        .slice(1, -1)
        .replace(/[\u0080-\uffff]/g, unicodeEscape),
    );
    add('address', encodeURIComponent(spelling));
    add('form', encodeURIComponent(spelling).replaceAll('%20', '+'));
    add('hexadecimal', Buffer.from(spelling).toString('hex'));
    for (const at of [0, 1, 2]) {
      for (const kind of ['base64', 'base64url'] as const) add('base64', middleOf(spelling, at, kind), true);
    }
    for (const algorithm of ['sha1', 'sha256', 'md5']) {
      const digest = createHash(algorithm).update(spelling).digest();
      add(algorithm, digest.toString('hex'));
      add(algorithm, digest.toString('base64').replace(/=+$/, ''), true);
      add(algorithm, digest.toString('base64url'), true);
    }
  }
  return forms;
}

/** Returns the characters of base64 that do not depend on the neighbours of a text, `at` bytes after a group begins. */
function middleOf(text: string, at: number, kind: 'base64' | 'base64url'): string {
  const bytes = Buffer.concat([Buffer.alloc(at), Buffer.from(text)]);
  return bytes.toString(kind).slice(Math.ceil((at * 8) / 6), Math.floor((bytes.length * 8) / 6));
}

/** Returns the texts of compressed parts. */
function unpacked(text: string): string[] {
  return [...text.matchAll(ENCODED)].flatMap(([encoded]) => {
    // The first bytes of gzip.
    if (!encoded.startsWith('H4sI')) return [];
    try {
      return [gunzipSync(Buffer.from(encoded, 'base64')).toString()];
    } catch {
      return [];
    }
  });
}

function withoutAccents(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '');
}

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
