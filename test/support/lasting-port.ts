/** Ports for servers that a test stops and starts again. */
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** The ports below the range from which systems give ports to connections and to servers that ask for any port. */
const FROM = 20_000;
const TO = 32_000;

/**
 * Returns a free port that no connection takes while a server at the port is stopped. A server on such a port can start
 * again, unlike one on any free port.
 */
export async function lastingPort(): Promise<number> {
  for (;;) {
    const port = randomInt(FROM, TO);
    const server = createServer();
    const isFree = once(server, 'listening').then(
      () => true,
      () => false,
    );
    server.listen(port, '127.0.0.1');
    if (!(await isFree)) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
}
