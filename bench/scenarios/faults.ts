/**
 * Measures the result and the time of a read while Redis refuses connections, or accepts connections and never
 * answers, and checks whether a delete that Redis does not confirm throws. All contestants have their default limits
 * and run at the same time.
 */
import { createServer as createHttpServer } from 'node:http';
import { createServer, type Socket } from 'node:net';
import { freePort } from '../../dev/http/free-port.ts';
import type { Cell, Row } from '../bench.ts';
import type { Caller, Settings } from '../contestant.ts';
import { contestants } from '../contestants.ts';
import { startChild } from '../servers/child.ts';

const PATIENCE_MS = 10_000;
const TOKEN = 'any';

/** Measures all contestants in a child process, which mostly waits, so other measurements can run meanwhile. */
export async function faultsApart(): Promise<Row[]> {
  const child = await startChild<Row[]>(new URL('./faults-process.ts', import.meta.url), {});
  await child.close();
  return child.ready;
}

/** Measures all contestants in this process. */
export async function faults(): Promise<Row[]> {
  const hanging = await startHangingServer();
  const failing = await startFailingServer();
  const refused = `http://127.0.0.1:${await freePort()}`;
  const read = (caller: Caller) => caller.read('bench-fault', async () => 'value');
  const forget = (caller: Caller) => caller.forget?.('bench-fault');
  const [refuses, hangs, unconfirmed] = await Promise.all([
    row({ id: 'fault-refused', title: 'Redis refuses connections: a read' }, refused, read),
    row({ id: 'fault-hangs', title: 'Redis does not answer: a read' }, hanging.url, read),
    row({ id: 'fault-delete', title: 'Redis answers 503: a delete' }, failing.url, forget),
  ]);
  hanging.close();
  failing.close();
  return [refuses, hangs, unconfirmed];
}

async function row(
  about: { id: string; title: string },
  url: string,
  act: (caller: Caller) => Promise<unknown> | undefined,
): Promise<Row> {
  const settings: Settings = { url, token: TOKEN, ttlSeconds: 600, staleSeconds: 0, defaultLimits: true };
  const measured = contestants
    .filter(({ id }) => id !== 'none')
    .map(async (contestant): Promise<[string, Cell] | null> => {
      const acting = act((await contestant.open(settings)).caller());
      return acting ? [contestant.id, await outcomeOf(acting, about.id === 'fault-delete')] : null;
    });
  const cells = (await Promise.all(measured)).filter((cell) => cell !== null);
  return { ...about, cells: Object.fromEntries(cells) };
}

async function outcomeOf(acting: Promise<unknown>, isDelete: boolean): Promise<Cell> {
  const started = performance.now();
  const limit = Promise.withResolvers<'none'>();
  const timer = setTimeout(() => limit.resolve('none'), PATIENCE_MS);
  const outcome = await Promise.race([
    acting.then(
      () => 'value' as const,
      () => 'throws' as const,
    ),
    limit.promise,
  ]);
  clearTimeout(timer);
  const after = formatTime(performance.now() - started);
  if (outcome === 'none') return { text: `no answer in ${PATIENCE_MS / 1000} s` };
  if (isDelete) return { text: outcome === 'throws' ? 'reported' : 'silent' };
  return { text: outcome === 'value' ? `value, ${after}` : `throws, ${after}` };
}

/** Rounds a time, so that slow and fast machines give the same text. */
function formatTime(ms: number): string {
  if (ms < 100) return '< 0.1 s';
  return `${(Math.round(ms / 100) / 10).toFixed(1)} s`;
}

/** Starts a server that accepts connections and never answers. */
async function startHangingServer() {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  return { url: urlOf(server.address()), close };
}

/** Starts a server that answers every request with 503. */
async function startFailingServer() {
  const server = createHttpServer((_request, response) => {
    response.writeHead(503, { 'content-type': 'application/json' }).end('{"error":"ERR unavailable"}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { url: urlOf(server.address()), close };
}

function urlOf(address: ReturnType<ReturnType<typeof createServer>['address']>): string {
  if (address === null || typeof address === 'string') throw new Error('The server does not listen');
  return `http://127.0.0.1:${address.port}`;
}
