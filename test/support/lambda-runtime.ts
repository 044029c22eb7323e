/**
 * The inside of a test Lambda: a process of its own whose working directory is the root of the package, as AWS runs
 * it. It loads the handler file once and answers one event after the other.
 */
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { pathToFileURL } from 'node:url';
import { awslambda, isStreamed, ResponseStream, type StreamedHandler } from './lambda-streams.ts';

/** A message to the runtime: the exported function to call and its event. */
export interface Invocation {
  id: number;
  handler: string;
  event: unknown;
}

/** The runtime's answer, or a part of the answer: the base64 of bytes that a handler has streamed. */
export interface InvocationResult {
  id: number;
  result?: unknown;
  error?: string;
  part?: string;
}

const [file = '', streams = ''] = process.argv.slice(2);
if (streams !== 'cannot stream') Object.assign(globalThis, { awslambda });
const handlers = (await import(pathToFileURL(join(process.cwd(), file)).href)) as Record<string, unknown>;
/** The app only checks that AWS's context is present. */
const context = { awsRequestId: '00000000-0000-4000-8000-000000000000', functionName: 'test' };

process.on('message', async ({ id, handler, event }: Invocation) => {
  try {
    const handle = handlers[handler];
    if (typeof handle !== 'function') throw new Error(`${file} exports no ${handler}`);
    if (isStreamed(handle)) await stream(id, handle, event);
    else process.send?.({ id, result: await handle(event, context) } satisfies InvocationResult);
  } catch (error) {
    process.send?.({ id, error: String(error) } satisfies InvocationResult);
  }
});

/** Sends each part as the handler writes it, and answers after the end of the stream. */
async function stream(id: number, handle: StreamedHandler, event: unknown): Promise<void> {
  const body = new ResponseStream((bytes) => {
    process.send?.({ id, part: Buffer.from(bytes).toString('base64') } satisfies InvocationResult);
  });
  await Promise.all([finished(body), handle(event, body, context)]);
  process.send?.({ id, result: null } satisfies InvocationResult);
}

process.send?.('ready');
