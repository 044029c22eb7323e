/**
 * Bodies that are made while they are sent. What they are made of must stay open until the last of it has left or the
 * caller has gone, so such a body ends the scope of its request itself; see `request-scope.ts`.
 */
import type { Context } from 'hono';
import type { AppEnv } from './scope.ts';

/**
 * A body of texts, each made only when the one before has been taken: however slow the caller, one is in memory. If one
 * cannot be made the body breaks off, so that nobody takes what they have for the whole.
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
    // Nothing before somebody asks.
    { highWaterMark: 0 },
  );
}
