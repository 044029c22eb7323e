/** The texts of a verification on the command line: the public keys that it takes, and the report that it prints. */
import { z } from 'zod';
import type { PublicAuditKey } from './signing.ts';
import type { AuditReport } from './verify.ts';

const keysSchema = z.object({
  keys: z.array(z.object({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), kid: z.string(), x: z.string() })),
});

/** Reads public keys, as `/.well-known/holdfast-audit-keys.json` has them. Returns `null` for any other text. */
export function readPublicKeys(text: string): ReadonlyMap<string, PublicAuditKey> | null {
  const parsed = keysSchema.safeParse(parse(text));
  return parsed.success ? new Map(parsed.data.keys.map((key) => [key.kid, key])) : null;
}

/** Returns the lines of a report. */
export function linesOfReport({ entries, seals, head, faults }: AuditReport): string[] {
  return [
    `Entries: ${entries}. Seals: ${seals}. Newest seal: ${head === null ? 'none' : `${head.seal} ${head.hash}`}`,
    ...faults.map(({ code, seal, entry }) =>
      [code, seal === null ? '' : `seal ${seal}`, entry ?? ''].filter(Boolean).join(' '),
    ),
    faults.length === 0 ? 'The trail is as it was sealed.' : 'The trail has faults.',
  ];
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
