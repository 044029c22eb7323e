/** A value that was written behind: it stands in Redis, under a key without an end, until the source has it too. */
import type { Peek } from './judge.ts';
import { isEncoding, type Payload } from './payload.ts';

/** Writes a pending value. `writeId` names the write. */
export function formatPending(writeId: string, { encoding, text }: Payload): string {
  return `${writeId} ${encoding}\n${text}`;
}

/** Reads one: it is the truth until it is flushed, so it is fresh without end. `null` if it cannot be read. */
export function parsePending(stored: string): Peek | null {
  const end = stored.indexOf('\n');
  const [writeId, encoding, ...rest] = stored.slice(0, Math.max(0, end)).split(' ');
  if (!writeId || !encoding || rest.length > 0 || !isEncoding(encoding)) return null;
  const endless = Number.POSITIVE_INFINITY;
  const text = stored.slice(end + 1);
  const entry = { fillId: writeId, loadedAt: 0, freshUntil: endless, loadMs: 0, versions: [], encoding, text };
  return { kind: 'fresh', entry };
}
