/**
 * The deployed Worker: the bundle of `npm run build` in workerd, as Miniflare runs it, with the settings of
 * wrangler.toml. Memory and crashes are real; the limits of an account (128 MB, CPU time) are not enforced here.
 */
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { convertV4MiniflareOptions, Miniflare } from 'miniflare';
import { unstable_readConfig } from 'wrangler';
import { appVariables } from '../../dev/cloud/app-environment.ts';
import { newClientAddress } from './client-address.ts';
import type { AppCloud } from './local-cloud.ts';
import { logRecord } from './log-record.ts';
import { recordExchange } from './recorded-http.ts';

const ROOT = join(import.meta.dirname, '../..');
const BUNDLE = join(ROOT, 'dist/worker');

/** A running Worker. */
export interface TestWorker {
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** The address of the Worker. {@link fetch} does not need it; a caller that disconnects does. */
  url(): Promise<URL>;
  /** Runs one tick of the cron trigger. Resolves when all its work is done. */
  scheduled(at: number): Promise<void>;
  /** Bytes in use in the Worker's heap after a full collection. WebAssembly's own memory is not in it. */
  liveHeap(): Promise<number>;
  /** The lines of the Worker's log. */
  readonly lines: string[];
  close(): Promise<void>;
}

/** The uploaded files of the bundle, by name. */
export function bundleFiles(): { name: string; contents: Buffer }[] {
  return readdirSync(BUNDLE)
    .filter((name) => /\.(m?js|wasm)$/.test(name))
    .map((name) => ({ name, contents: readFileSync(join(BUNDLE, name)) }));
}

/** Starts the Worker on a local cloud. */
export async function startTestWorker(cloud: AppCloud, variables: Record<string, string> = {}): Promise<TestWorker> {
  const config = unstable_readConfig({ config: join(ROOT, 'wrangler.toml') });
  const [main, ...others] = bundleFiles().sort((a) => (a.name === 'cloudflare.js' ? -1 : 1));
  if (main?.name !== 'cloudflare.js' || !config.compatibility_date) throw new Error('There is no bundle to run');
  const lines: string[] = [];
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      modules: [
        { type: 'ESModule', path: main.name, contents: main.contents.toString() },
        ...others.map(({ name, contents }) =>
          name.endsWith('.wasm')
            ? { type: 'CompiledWasm' as const, path: name, contents }
            : { type: 'ESModule' as const, path: name, contents: contents.toString() },
        ),
      ],
      compatibilityDate: config.compatibility_date,
      compatibilityFlags: config.compatibility_flags,
      bindings: {
        ...appVariables(cloud, 'http://worker.test'),
        // As in production.
        ERROR_MESSAGES: 'redacted',
        API_RATE_PER_CALLER: '1000000',
        API_RATE_PER_ADDRESS: '1000000',
        ...variables,
      },
      hyperdrives: { HYPERDRIVE: cloud.postgres.url },
      assets: {
        directory: join(ROOT, config.assets?.directory ?? ''),
        binding: config.assets?.binding ?? '',
        routerConfig: { has_user_worker: true },
      },
      handleStructuredLogs({ message }) {
        lines.push(message);
        logRecord().line('a Worker', message);
      },
      cf: false,
      inspectorPort: 0,
    }),
  );
  await miniflare.ready;

  const address = newClientAddress();
  return {
    lines,
    async fetch(path, init = {}) {
      const { body, method } = init;
      const headers = new Headers(init.headers);
      // Cloudflare adds it to each request.
      if (!headers.has('cf-connecting-ip')) headers.set('cf-connecting-ip', address);
      const answer = await miniflare.dispatchFetch(`http://worker.test${path}`, {
        // As on a Lambda, a redirect is an answer.
        redirect: 'manual',
        ...(method ? { method } : {}),
        headers: [...headers],
        ...(typeof body === 'string' || body instanceof Uint8Array ? { body } : {}),
      });
      const bytes = await answer.arrayBuffer();
      const response = new Response(bytes.byteLength === 0 ? null : bytes, {
        status: answer.status,
        headers: [...answer.headers] as [string, string][],
      });
      const sent = { path, headers, body: typeof body === 'string' ? body : '' };
      await recordExchange('a Worker', sent, response);
      return response;
    },
    async scheduled(at) {
      const worker = await miniflare.getWorker();
      await worker.scheduled({ cron: '* * * * *', scheduledTime: new Date(at) });
    },
    url: () => miniflare.ready,
    liveHeap: async () => liveHeap(await miniflare.getInspectorURL()),
    close: () => miniflare.dispose(),
  };
}

/**
 * The bytes in use after a full garbage collection, read from V8 through the inspector. A heap snapshot causes the
 * collection, because workerd does not answer `HeapProfiler.collectGarbage`.
 */
async function liveHeap(inspector: URL): Promise<number> {
  const socket = new WebSocket(new URL('/core:user:', inspector));
  await once(socket, 'open');
  const answers = new Map<number, (result: unknown) => void>();
  socket.addEventListener('message', ({ data }) => {
    const { id, result } = JSON.parse(String(data)) as { id?: number; result?: unknown };
    if (id !== undefined) answers.get(id)?.(result);
  });
  const ask = (id: number, method: string) =>
    new Promise<unknown>((resolve) => {
      answers.set(id, resolve);
      socket.send(JSON.stringify({ id, method }));
    });
  await ask(1, 'HeapProfiler.enable');
  await ask(2, 'HeapProfiler.takeHeapSnapshot');
  const usage = (await ask(3, 'Runtime.getHeapUsage')) as Record<'usedSize' | 'backingStorageSize', number>;
  socket.close();
  return usage.usedSize + usage.backingStorageSize;
}
