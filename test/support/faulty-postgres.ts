/**
 * The connection of one instance to Postgres, with faults: a proxy that reads enough of the wire protocol to see each
 * statement, and can cut the connection before or after a COMMIT, or immediately, as when the process dies.
 */
import { connect, createServer, type Socket } from 'node:net';
import { type FrontendMessage, MessageReader } from '../../dev/postgres/wire.ts';

/**
 * The fault of the next COMMIT: the connection is cut before the server sees it or after it ran without its answer, or
 * the COMMIT is refused because of a concurrent transaction.
 */
export type CommitFault = 'cut-before' | 'cut-after' | 'conflict';

/** Sent instead of COMMIT: rolls back with the code of a serialization failure. */
const CONFLICT = query(`ROLLBACK; DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '40001', MESSAGE = 'conflict'; END $$`);

export interface FaultyPostgres {
  /** Connection string through the proxy. */
  url: string;
  commitFault: CommitFault | undefined;
  /** Returns whether to cut the connection before a statement. */
  cutsBefore: ((sql: string) => boolean) | undefined;
  /** The SQL of every statement that passed. */
  statements: string[];
  /** How many connections are open. */
  readonly connections: number;
  /** Cuts every connection: Postgres rolls back open transactions. */
  cut(): void;
  close(): Promise<void>;
}

/** Starts a proxy without faults. */
export async function startFaultyPostgres(connectionString: string): Promise<FaultyPostgres> {
  const target = new URL(connectionString);
  const sockets = new Set<Socket>();
  const server = createServer((client) => join(client));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const url = new URL(connectionString);
  url.host = `127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;

  function join(client: Socket): void {
    const upstream = connect(Number(target.port || 5432), target.hostname);
    const reader = new MessageReader();
    const end = () => {
      client.destroy();
      upstream.destroy();
    };
    let cutAtAnswer = false;
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', end);
      socket.on('close', () => {
        sockets.delete(socket);
        end();
      });
    }
    client.on('data', (data) => {
      for (const message of reader.read(data as Buffer)) {
        const sql = sqlOf(message);
        if (sql !== undefined && proxy.cutsBefore?.(sql)) return end();
        if (sql !== undefined) proxy.statements.push(sql);
        if (sql?.startsWith('COMMIT') && proxy.commitFault !== undefined) {
          const fault = proxy.commitFault;
          proxy.commitFault = undefined;
          if (fault === 'cut-before') return end();
          if (fault === 'conflict') {
            upstream.write(CONFLICT);
            continue;
          }
          cutAtAnswer = true;
        }
        upstream.write(message.bytes);
      }
    });
    upstream.on('data', (data) => (cutAtAnswer ? end() : client.write(data)));
  }

  const proxy: FaultyPostgres = {
    url: url.href,
    commitFault: undefined,
    cutsBefore: undefined,
    statements: [],
    get connections() {
      return sockets.size / 2;
    },
    cut() {
      for (const socket of sockets) socket.destroy();
    },
    async close() {
      proxy.cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return proxy;
}

/** A Query message. */
function query(sql: string): Buffer {
  const text = Buffer.from(`${sql}\0`);
  const head = Buffer.from('Q\0\0\0\0', 'latin1');
  head.writeInt32BE(4 + text.length, 1);
  return Buffer.concat([head, text]);
}

/** The text of a Query or Parse message. */
function sqlOf({ type, bytes }: FrontendMessage): string | undefined {
  if (type !== 'Q' && type !== 'P') return undefined;
  const start = type === 'Q' ? 5 : bytes.indexOf(0, 5) + 1;
  return bytes.toString('utf8', start, bytes.indexOf(0, start));
}
