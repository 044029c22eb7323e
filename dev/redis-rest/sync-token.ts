/**
 * Sync tokens. A client sends back the token of its last answer, and a read then sees at least what that answer saw. One
 * Redis is always in step with itself, so that nothing waits for a token here; each client has a token of its own that
 * counts its answers, and what other clients do does not move it.
 */
import { randomUUID } from 'node:crypto';

/** Makes the token of an answer from the one that the request brought. */
export type SyncTokens = (presented: string | undefined) => string;

/** The tokens of one server. A request without a token, or with one that this server did not give, is a new client's. */
export function syncTokens(): SyncTokens {
  const server = randomUUID().slice(0, 8);
  const pattern = new RegExp(`^(${server}-\\d+)-(\\d+)$`);
  let clients = 0;
  return (presented = '') => {
    const [, client, answers] = pattern.exec(presented) ?? [];
    if (client !== undefined) return `${client}-${Number(answers) + 1}`;
    clients += 1;
    return `${server}-${clients}-1`;
  };
}
