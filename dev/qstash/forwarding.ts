/**
 * Selects the headers of a publish request that the destination receives: the content type, and the headers with the
 * prefix `Upstash-Forward-`. In webhook mode (`Upstash-Header-Forward: true`), the destination receives all headers
 * that the sender set.
 */

const PREFIX = 'upstash-forward-';

/** The headers that are never forwarded: headers of one connection, and headers that the emulator writes. */
const NEVER = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Returns the headers of the delivery, given the headers of the publish request. Names are lower-case. */
export function forwardedHeaders(headers: Record<string, string>): Record<string, string> {
  const everything = headers['upstash-header-forward'] === 'true';
  const forwarded: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (name === 'content-type' || (everything && !name.startsWith('upstash-'))) {
      if (!NEVER.has(name)) forwarded[name] = value;
    }
  }
  for (const [name, value] of Object.entries(headers)) {
    if (!name.startsWith(PREFIX)) continue;
    const forwardedName = name.slice(PREFIX.length);
    if (forwardedName !== '' && !NEVER.has(forwardedName)) forwarded[forwardedName] = value;
  }
  return forwarded;
}
