/**
 * Bodies that are made while they are sent. The data source must stay open until the last part is sent or the caller
 * disconnects, so such a body itself ends the scope of its request; see `request-scope.ts`.
 */
import type { Context } from 'hono';
import type { AppEnv } from './scope.ts';

/**
 * Returns a body of texts. Each text is made after the caller has taken the text before, so memory holds a single
 * text even for a slow caller. If a text cannot be made, the body ends with an error, so that the caller does not
 * take the received part for the whole.
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
    // No text is made before the caller reads.
    { highWaterMark: 0 },
  );
}
