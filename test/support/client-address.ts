/** Client addresses that no other caller of a run has: limits by address in a shared Redis must not mix callers. */
import { randomBytes } from 'node:crypto';

/** Returns a new address from the range for documentation (RFC 3849), in a /64 network of its own. */
export function newClientAddress(): string {
  const network = randomBytes(4).toString('hex');
  return `2001:db8:${network.slice(0, 4)}:${network.slice(4)}::1`;
}
