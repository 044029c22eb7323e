/**
 * The development mode of the SDK (`QSTASH_DEV=true`, from 2.12 on). It looks for a server at 127.0.0.1 that takes its
 * public token and has its public signing keys, and downloads a program if there is none. An emulator with those keys on
 * that port is what it looks for. The values are in the SDK's source and in Upstash's documentation; they protect nothing.
 */
import type { SigningKeys } from './signature.ts';

/** What the SDK presents and expects. */
export const SDK_DEV = {
  token: 'eyJVc2VySUQiOiJkZWZhdWx0VXNlciIsIlBhc3N3b3JkIjoiZGVmYXVsdFBhc3N3b3JkIn0=',
  keys: { current: 'sig_7kYjw48mhY7kAjqNGcy6cr29RJ6r', next: 'sig_5ZB6DVzB1wjE8S6rZ7eenA8Pdnhs' },
  port: 8080,
} as const;

/** The tokens that an emulator takes: its own, and the SDK's where it has the SDK's keys. */
export function acceptedTokens(token: string, keys: SigningKeys): string[] {
  const hasPublicKeys = keys.current === SDK_DEV.keys.current && keys.next === SDK_DEV.keys.next;
  return hasPublicKeys ? [token, SDK_DEV.token] : [token];
}

/**
 * The port at which the SDK looks.
 *
 * @param text the value of `QSTASH_DEV_PORT`, which SDK and emulator read alike
 */
export function sdkDevPort(text = ''): number {
  const port = Number.parseInt(text, 10);
  return port > 0 && port < 65_536 ? port : SDK_DEV.port;
}

/** What an app in development mode must know when the emulator listens elsewhere. */
export function movedHint(port: number): string {
  return `an app with QSTASH_DEV=true finds it with QSTASH_DEV_PORT=${port}`;
}
