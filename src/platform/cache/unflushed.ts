/**
 * The format of a value that was written behind and is not flushed yet. Redis keeps such a value, without expiry, until
 * the source has the value.
 */
import type { Lookup } from './classify.ts';
import { isEncoding, type Payload } from './payload.ts';

/** Formats an unflushed value. `writeId` names the write. */
export function formatUnflushed(writeId: string, { encoding, text }: Payload): string {
  return `${writeId} ${encoding}\n${text}`;
}

/** Parses an unflushed value, which is always fresh. Returns `null` for an unreadable text. */
export function parseUnflushed(stored: string): Lookup | null {
  const end = stored.indexOf('\n');
  const [writeId, encoding, ...rest] = stored.slice(0, Math.max(0, end)).split(' ');
  if (!writeId || !encoding || rest.length > 0 || !isEncoding(encoding)) return null;
  const endless = Number.POSITIVE_INFINITY;
  const text = stored.slice(end + 1);
  const entry = { fillId: writeId, loadedAt: 0, freshUntil: endless, loadMs: 0, versions: [], encoding, text };
  return { kind: 'fresh', entry };
}
