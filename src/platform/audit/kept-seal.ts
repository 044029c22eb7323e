/** Seals that a reader kept: a file with a seal or a list of seals, or the text of the daily mail, which contains one. */
import { z } from 'zod';
import type { Anchor } from './verify.ts';

const keptSchema = z.object({
  tenantId: z.string().optional(),
  seal: z.int().min(1),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
});

/** A kept seal. A seal of the API and of the mail names its tenant. */
export interface KeptSeal extends Anchor {
  tenantId?: string | undefined;
}

/** Returns the seals in a text; `null` if it has none, or a part of it is no seal. */
export function readKeptSeals(text: string): KeptSeal[] | null {
  const whole = parse(text);
  const found = whole === undefined ? (text.match(OBJECT) ?? []).map((each) => parse(each.replace(BREAK, ''))) : whole;
  const parsed = z
    .array(keptSchema)
    .min(1)
    .safeParse(Array.isArray(found) ? found : [found]);
  return parsed.success ? parsed.data : null;
}

/** An object of JSON with a hash, in any text. A mail program may have broken its line. */
const OBJECT = /\{[^{}]*"hash"[^{}]*\}/g;
const BREAK = /\r?\n(> ?)*/g;

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
