/** Readers of server-sent events over HTTP, each with a connection of its own, and the server that they read from. */
import { createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';

/** Open readers. */
export interface Readers {
  /**
   * Calls `act`, and resolves with its result when each reader has got `times` frames that contain `text`. The arrivals
   * have the time of `performance.now()`.
   */
  untilAllGet<Result>(
    text: string,
    act: () => Promise<Result>,
    times?: number,
  ): Promise<{ result: Result; arrived: readonly number[] }>;
  /** Disconnects. */
  close(): void;
}

/** Opens readers and waits until each has got a frame that contains `ready`. */
export async function openReaders(
  url: string,
  count: number,
  headers: Record<string, string>,
  ready: string,
): Promise<Readers> {
  let onFrame = (_frame: string) => {};
  const sent: ReturnType<typeof request>[] = [];

  async function untilAllGet<Result>(text: string, act: () => Promise<Result>, times = 1) {
    const arrived: number[] = [];
    const all = new Promise<void>((resolve) => {
      onFrame = (frame) => {
        if (frame.includes(text) && arrived.push(performance.now()) === count * times) resolve();
      };
    });
    const [result] = await Promise.all([act(), all]);
    return { result, arrived };
  }

  function read(response: IncomingMessage): void {
    let text = '';
    if (response.statusCode !== 200) throw new Error(`A reader got the status ${response.statusCode}`);
    response.setEncoding('utf8').on('data', (part: string) => {
      const frames = (text + part).split('\n\n');
      text = frames.pop() ?? '';
      for (const frame of frames) onFrame(frame);
    });
    // Disconnecting is an error for Node.
    response.on('error', () => {});
  }

  await untilAllGet(ready, async () => {
    for (let reader = 0; reader < count; reader += 1) {
      sent.push(request(url, { headers, agent: false }, read).on('error', () => {}));
    }
    for (const one of sent) one.end();
  });
  return {
    untilAllGet,
    close() {
      for (const one of sent) one.destroy();
    },
  };
}

/** Serves an app on a port of this machine. */
export async function serve(fetch: (request: Request) => Response | Promise<Response>) {
  const listener = getRequestListener(fetch);
  const server = createServer((incoming, response) => void listener(incoming, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
