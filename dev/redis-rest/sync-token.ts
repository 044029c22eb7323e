/**
 * Creates sync tokens. A client sends the token of its last reply, and a read on Upstash then sees at least the state
 * of that reply. A single Redis is always consistent, so here no request waits for a token. Each client has its own
 * token, which counts the replies to this client.
 */
import { randomUUID } from 'node:crypto';

/** Returns the token of a reply, given the request's token. */
export type SyncTokens = (presented: string | undefined) => string;

/** Creates the tokens of one server. A request without a token, or with an unknown one, belongs to a new client. */
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
