/**
 * The inside of a test Lambda: a process of its own whose working directory is the root of the package, as AWS runs
 * it. It loads the handler file once and answers one event after the other.
 */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** A message to the runtime: the exported function to call and its event. */
export interface Invocation {
  id: number;
  handler: string;
  event: unknown;
}

/** The runtime's answer. */
export interface InvocationResult {
  id: number;
  result?: unknown;
  error?: string;
}

const [file = ''] = process.argv.slice(2);
const handlers = (await import(pathToFileURL(join(process.cwd(), file)).href)) as Record<string, unknown>;
/** The app only checks that AWS's context is present. */
const context = { awsRequestId: '00000000-0000-4000-8000-000000000000', functionName: 'test' };

process.on('message', async ({ id, handler, event }: Invocation) => {
  try {
    const handle = handlers[handler];
    if (typeof handle !== 'function') throw new Error(`${file} exports no ${handler}`);
    process.send?.({ id, result: await handle(event, context) } satisfies InvocationResult);
  } catch (error) {
    process.send?.({ id, error: String(error) } satisfies InvocationResult);
  }
});
process.send?.('ready');
