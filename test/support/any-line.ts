/** Lines of text that files and spreadsheets treat in ways of their own, with characters of every script. */
import fc from 'fast-check';
import type { ZodObject, z } from 'zod';
import { anyCharacter } from './any-text.ts';

const part = fc.oneof(
  fc.constantFrom(...['"', '""', ',', ';', "'", '=', '+', '-', '@', '=1+1', "'=", "''+", '\t', '\n', '\r', ' ', '  ']),
  fc.constantFrom(
    ...['e\u0301', '\u00a0', '\u3000', '\u200b', '\u200d', '\ufeff', '\u202e', '\ufffd', '\u2028', 'sep=;'],
  ),
  fc.constantFrom(
    ...['Łucja', 'Ωμέγα', 'Ёлка', 'دنيا', 'שלום', '李', 'ひらがな', '한국', 'ไทย', 'हिन्दी', '👩\u200d👧', 'ﬁ', 'ＡＢ'],
  ),
  fc.constantFrom(...['n/a', 'NULL', '-', 'None', '#REF!', '4.91512E+11', '1.200', '="1"']),
  anyCharacter,
);

/** A line of up to five such parts. */
export const anyLine = fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) => parts.join(''));

/** A domain as people write it. */
export const anyDomain = fc.constantFrom(
  ...['bücher.example', 'X.example', 'xn--bcher-kva.example', '例子.公司', 'www.x.example', 'a-b.c.example'],
);

/** A day that the API accepts, also one that other programs write for a missing day. */
export const anyDay = fc.oneof(
  fc.constantFrom('0001-01-01', '1604-02-29', '9999-12-31', '2026-03-04'),
  fc
    .date({ min: new Date('1900-01-01'), max: new Date('2200-01-01'), noInvalidDate: true })
    .map((date) => date.toISOString().slice(0, 10)),
);

/** Draws values until a schema has accepted this number. A field that it refuses is left out, so most values pass. */
export function acceptedBy<Schema extends ZodObject>(
  schema: Schema,
  drawn: fc.Arbitrary<Record<string, unknown>>,
  count: number,
): z.output<Schema>[] {
  const accepted: z.output<Schema>[] = [];
  while (accepted.length < count) {
    for (const value of fc.sample(drawn, count)) {
      const wrong = new Set(schema.safeParse(value).error?.issues.map(({ path }) => path[0]));
      const again = schema.safeParse(Object.fromEntries(Object.entries(value).filter(([field]) => !wrong.has(field))));
      if (again.success && accepted.length < count) accepted.push(again.data);
    }
  }
  return accepted;
}
