/**
 * Bodies that are made while they are sent. Their data source must stay open until the last part has been sent or the
 * caller has gone, so such a body ends the scope of its request itself; see `request-scope.ts`.
 */
import type { Context } from 'hono';
import type { AppEnv } from './scope.ts';

/**
 * A body of texts, each made only when the one before has been taken: even with a slow caller, only one is in memory.
 * If a text cannot be made, the body breaks off with an error, so that the caller does not take the part for the whole.
 */
export function streamed(c: Context<AppEnv>, parts: AsyncGenerator<string>): ReadableStream<Uint8Array> {
  const scope = c.get('scope');
  const encoder = new TextEncoder();
  let over = () => {};
  c.set(
    'sent',
    new Promise((resolve) => {
      over = resolve;
    }),
  );

  async function end(): Promise<void> {
    try {
      await parts.return(undefined);
      await scope.end();
    } finally {
      over();
    }
  }

  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const part = await parts.next().catch(async (error: unknown) => {
          scope.log.error('response.broken', { error });
          await end();
          throw error;
        });
        if (!part.done) return controller.enqueue(encoder.encode(part.value));
        await end();
        controller.close();
      },
      cancel: end,
    },
    // Makes nothing before the caller reads.
    { highWaterMark: 0 },
  );
}
