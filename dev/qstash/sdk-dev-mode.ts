/**
 * The development mode of the SDK (`QSTASH_DEV=true`, from 2.12 on). In this mode the SDK connects to a server at
 * 127.0.0.1 with a public token and public signing keys. If no server answers, the SDK downloads one. An emulator with
 * these keys on the SDK's port takes the place of that server. The values protect nothing: the SDK's source and
 * Upstash's documentation contain them.
 */
import type { SigningKeys } from './signature.ts';

/** The token that the SDK sends, the signing keys that the SDK expects, and the port to which the SDK connects. */
export const SDK_DEV = {
  token: 'eyJVc2VySUQiOiJkZWZhdWx0VXNlciIsIlBhc3N3b3JkIjoiZGVmYXVsdFBhc3N3b3JkIn0=',
  keys: { current: 'sig_7kYjw48mhY7kAjqNGcy6cr29RJ6r', next: 'sig_5ZB6DVzB1wjE8S6rZ7eenA8Pdnhs' },
  port: 8080,
} as const;

/**
 * Returns the tokens that an emulator accepts: its own token and, if it has the SDK's signing keys, the SDK's token.
 */
export function acceptedTokens(token: string, keys: SigningKeys): string[] {
  const hasPublicKeys = keys.current === SDK_DEV.keys.current && keys.next === SDK_DEV.keys.next;
  return hasPublicKeys ? [token, SDK_DEV.token] : [token];
}

/**
 * Returns the port to which the SDK connects.
 *
 * @param text the value of `QSTASH_DEV_PORT`, which the SDK and the emulator read in the same way
 */
export function sdkDevPort(text = ''): number {
  const port = Number.parseInt(text, 10);
  return port > 0 && port < 65_536 ? port : SDK_DEV.port;
}

/**
 * Returns a hint for an emulator that listens on another port: the setting with which an app in development mode finds
 * it.
 */
export function movedHint(port: number): string {
  return `an app with QSTASH_DEV=true finds it with QSTASH_DEV_PORT=${port}`;
}
