/**
 * The answer to startup messages. All clients share the session of the one backend, so the answer to the first client
 * suits all. A later client gets it at once and does not wait for the transaction of another connection, as with a real
 * Postgres.
 */
import type { Gate } from './gate.ts';
import { type Backend, readyStatus } from './wire.ts';

/** Answers a startup message. */
export type Greet = (startup: Buffer) => Promise<Buffer>;

export function createGreeting(gate: Gate, backend: Backend): Greet {
  let greeting: Buffer | undefined;
  return async (startup) => {
    if (greeting) return greeting;
    const owner = {};
    await gate.enter(owner);
    try {
      const answer = await backend(startup);
      // An answer without the state of a session refuses this client, so it is not kept for later clients.
      if (readyStatus(answer) !== undefined) greeting = answer;
      return answer;
    } finally {
      gate.leave(owner);
    }
  };
}
