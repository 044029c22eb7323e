/** Gives servers of the local cloud an address with TLS, because an app in production mode refuses plain addresses. */
import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { createServer } from 'node:tls';

/** A server with TLS that passes all bytes to another server. */
export interface TlsFront {
  url: string;
  close(): Promise<void>;
}

/** Starts a front for the server at `url`. */
export async function startTlsFront(url: string, certificate: { key: string; cert: string }): Promise<TlsFront> {
  const { hostname, port } = new URL(url);
  const sockets = new Set<{ destroy(): unknown }>();
  const server = createServer(certificate, (outer) => {
    const inner = connect({ host: hostname, port: Number(port), noDelay: true });
    sockets.add(outer).add(inner);
    for (const [socket, other] of [
      [outer, inner],
      [inner, outer],
    ] as const) {
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
  });
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
