import { describe, expect, test } from 'vitest';
import { type Entry, formatEntry, parseEntry } from '../../../src/platform/cache/entry.ts';

const entry: Entry = {
  fillId: 'kq3V9x',
  loadedAt: 1_763_630_000_000,
  freshUntil: 1_763_630_900_000,
  loadMs: 12,
  versions: ['v1', 'v2'],
  encoding: 'j',
  text: '{"a":"line\\nbreak"}',
};

/** Entries as this and earlier versions stored them. Add one when the format changes; never edit one. */
const stored = {
  'format 1, two tags': '1 kq3V9x 1763630000000 1763630900000 12 j v1,v2\n{"a":"line\\nbreak"}',
  'format 1, compressed': '1 kq3V9x 1763630000000 1763630900000 12 jz v1\nH4sIAAAAAAAAA6tWSlSyMqwFAFxuo3sHAAAA',
  'format 1, sealed':
    '1 kq3V9x 1763630000000 1763630900000 12 ds v1\ns1.k1.AAAAAAAAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAA.AAAA',
  'format 1, soft version': '1 kq3V9x 1763630000000 1763630900000 12 j v2~v1\n1',
  'format 1, with an era': '1 kq3V9x 1763630000000 1763630900000 12 j v1,v2 e1\n{"a":"line\\nbreak"}',
  'format 1, no tags': '1 kq3V9x 1763630000000 1763630900000 12 d -\n["Date","2026-11-20T09:30:00.000Z"]',
};

describe('wire format', () => {
  test('is unchanged', () => {
    expect(formatEntry(entry)).toBe(stored['format 1, two tags']);
    expect(parseEntry(stored['format 1, two tags'])).toEqual(entry);
    expect(formatEntry({ ...entry, era: 'e1' })).toBe(stored['format 1, with an era']);
    expect(parseEntry(stored['format 1, with an era'])).toEqual({ ...entry, era: 'e1' });
    expect(parseEntry(stored['format 1, compressed'])).toMatchObject({ encoding: 'jz', versions: ['v1'] });
    expect(parseEntry(stored['format 1, sealed'])).toMatchObject({ encoding: 'ds' });
    expect(parseEntry(stored['format 1, soft version'])).toMatchObject({ versions: ['v2~v1'] });
    expect(parseEntry(stored['format 1, no tags'])).toMatchObject({ versions: [], encoding: 'd' });
  });

  test('a text with line breaks is read back unchanged', () => {
    const written = { ...entry, text: 'a\nb\nc' };
    expect(parseEntry(formatEntry(written))?.text).toBe('a\nb\nc');
  });

  test.each([
    '',
    'garbage',
    '{"value":1}',
    '2 kq3V9x 1763630000000 1763630900000 12 j v1\n{}',
    '1 kq3V9x 1763630000000 soon 12 j v1\n{}',
    '1 kq3V9x 1763630000000 1763630900000 12 x v1\n{}',
    '1 kq3V9x 1763630000000 1763630900000 12 j v1 e1 extra\n{}',
    '1 kq3V9x 1763630000000 1763630900000 12 j v1',
  ])('%j is a miss', (text) => {
    expect(parseEntry(text)).toBeNull();
  });
});
