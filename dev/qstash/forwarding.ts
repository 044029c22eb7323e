/**
 * The headers of a publish request that are forwarded to the destination: the content type, those with the prefix
 * `Upstash-Forward-`, and in webhook mode (`Upstash-Header-Forward: true`) all headers that the sender itself set.
 */

const PREFIX = 'upstash-forward-';

/** Headers of one connection, and those that the emulator writes itself. */
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

/** The headers of the delivery, from those of the publish request. Names are lower-case. */
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
