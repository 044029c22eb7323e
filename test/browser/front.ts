/**
 * The address under which a browser reaches a host, like the network between them: it counts the requests, and can be
 * cut. A Worker has an address of its own to pass requests to; a Lambda gets them as API Gateway would send them.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse, request as send } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** Handles one request. */
type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void> | void;

/** The address, and the faults of its network. */
export interface Front {
  url: string;
  /** The requests so far, such as `GET /feeds?topics=deals`. */
  readonly requests: string[];
  /** The answers of which the browser has not left. */
  open(path: string): number;
  handle(handler: Handler): void;
  /** Breaks every connection, and refuses new ones until {@link mend}. */
  cut(): void;
  mend(): void;
  close(): void;
}

/** Listens at a free port. */
export async function startFront(): Promise<Front> {
  const requests: string[] = [];
  const sockets = new Set<Socket>();
  const answering = new Map<ServerResponse, string>();
  let isCut = false;
  let handler: Handler | undefined;
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    answering.set(response, request.url ?? '');
    response.once('close', () => answering.delete(response));
    Promise.resolve(handler?.(request, response)).catch((error: unknown) => response.destroy(error as Error));
  });
  server.on('connection', (socket) => {
    if (isCut) return socket.destroy();
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    return socket;
  });
  server.listen(0);
  await once(server, 'listening');
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    requests,
    open: (path) => [...answering.values()].filter((each) => each.startsWith(path)).length,
    handle(next) {
      handler = next;
    },
    cut() {
      isCut = true;
      for (const socket of sockets) socket.destroy();
    },
    mend() {
      isCut = false;
    },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Passes requests on to a server, and its answers back piece by piece. */
export function toServer(to: URL): Handler {
  return (request, response) => {
    const { method, url: path, headers } = request;
    const outgoing = send({ host: to.hostname, port: to.port, method, path, headers, agent: false });
    outgoing.once('response', (incoming) => {
      response.writeHead(incoming.statusCode ?? 502, incoming.rawHeaders);
      response.flushHeaders();
      incoming.pipe(response);
      incoming.once('error', () => response.destroy());
    });
    outgoing.once('error', () => response.destroy());
    response.once('close', () => outgoing.destroy());
    request.pipe(outgoing);
  };
}

/** Passes requests on to a function that gets and answers them whole. */
export function toFunction(fetch: (path: string, init: RequestInit) => Promise<Response>): Handler {
  return async (request, response) => {
    const { method = 'GET', url = '/', headers } = request;
    const body = (await buffer(request)).toString();
    const answer = await fetch(url, {
      method,
      headers: Object.entries(headers).map(([name, value]): [string, string] => [name, String(value)]),
      ...(body && { body }),
    });
    const sent = [...answer.headers].flat();
    response.writeHead(answer.status, sent).end(Buffer.from(await answer.arrayBuffer()));
  };
}
