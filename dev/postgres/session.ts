/**
 * One client connection to the embedded Postgres. The connection collects the messages of a turn (up to Query or
 * Sync), runs the turn while it holds the gate, and leaves the gate when the backend reports no open transaction.
 */
import type { Socket } from 'node:net';
import { type Gate, GateTimeoutError } from './gate.ts';
import type { Greet } from './greeting.ts';
import {
  type Backend,
  closeStatement,
  endsTurn,
  errorAnswer,
  type FrontendMessage,
  MessageReader,
  message,
  readyStatus,
  statementName,
  withPrefix,
} from './wire.ts';

const LOCK_NOT_AVAILABLE = '55P03';

/**
 * Serves a socket until it closes. Resolves when the connection has closed and its transaction and prepared
 * statements are removed.
 *
 * @param session `id` separates the prepared statements of connections, `greet` answers the startup message
 */
export async function serveSession(
  socket: Socket,
  { id, gate, backend, greet }: { id: number; gate: Gate; backend: Backend; greet: Greet },
): Promise<void> {
  const owner = { id };
  const prefix = `${id}:`;
  const statements = new Set<string>();
  const reader = new MessageReader();
  let turn: Buffer[] = [];

  async function runTurn(): Promise<void> {
    const messages = Buffer.concat(turn);
    turn = [];
    try {
      await gate.enter(owner);
    } catch (error) {
      if (!(error instanceof GateTimeoutError)) throw error;
      socket.write(
        errorAnswer(LOCK_NOT_AVAILABLE, `the embedded Postgres runs one transaction at a time: ${error.message}`),
      );
      return;
    }
    const answer = await backend(messages);
    if (!socket.destroyed) socket.write(answer);
    if (readyStatus(answer) === 'I') gate.leave(owner);
  }

  async function take(incoming: FrontendMessage): Promise<void> {
    if (incoming.type === 'encryption-request') {
      socket.write('N');
      return;
    }
    if (incoming.type === 'startup') {
      socket.write(await greet(incoming.bytes));
      return;
    }
    if (incoming.type === 'X' || incoming.type === 'cancel-request') {
      socket.end();
      return;
    }
    turn.push(isolate(incoming));
    if (endsTurn(incoming.type)) await runTurn();
  }

  /**
   * Renames a prepared statement for this connection, because two clients may use the same name for different
   * statements.
   */
  function isolate(incoming: FrontendMessage): Buffer {
    const named = statementName(incoming);
    if (named === undefined) return incoming.bytes;
    if (incoming.type === 'P') statements.add(prefix + named.name);
    if (incoming.type === 'C') statements.delete(prefix + named.name);
    return withPrefix(incoming.bytes, named.at, prefix);
  }

  async function cleanUp(): Promise<void> {
    if (!gate.isHeldBy(owner) && statements.size === 0) return;
    await gate.enter(owner);
    // The Sync ends an extended query that was interrupted. If no transaction is open, ROLLBACK only causes a warning.
    await backend(Buffer.concat([message('S'), message('Q', 'ROLLBACK')]));
    await backend(Buffer.concat([...[...statements].map(closeStatement), message('S')]));
    gate.leave(owner);
  }

  socket.setNoDelay(true);
  try {
    for await (const data of socket as AsyncIterable<Buffer>) {
      for (const incoming of reader.read(data)) {
        // If the client has disconnected, its remaining messages must not run, especially not a COMMIT.
        if (socket.destroyed) break;
        await take(incoming);
      }
    }
  } catch {
    // A connection reset, or bytes outside the Postgres protocol, ends this connection.
  } finally {
    socket.destroy();
    await cleanUp();
  }
}
