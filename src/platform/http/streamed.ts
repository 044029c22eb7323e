/**
 * Bodies that are made while they are sent. The database must stay open until the last part is sent or the caller
 * disconnects. So the end of such a body ends the scope of its request; see `request-scope.ts`.
 */
import type { Context } from 'hono';
import type { AppEnv } from './scope.ts';

/**
 * Returns a body of texts. Each text is made only when the caller has received the text before it, so memory holds a
 * single text even for a slow caller. If a text cannot be made, the body ends with an error. So the caller never takes
 * a part for the whole body.
 */
export function streamed(c: Context<AppEnv>, parts: AsyncGenerator<string, void>): ReadableStream<Uint8Array> {
  return bodyOf(c, parts);
}

/**
 * Returns a body that is sent text by text, over minutes. When the caller disconnects, `left` is aborted, so that the
 * generator stops waiting for its next text.
 */
export function endless(
  c: Context<AppEnv>,
  parts: AsyncGenerator<string, void>,
  left: AbortController,
): ReadableStream<Uint8Array> {
  return bodyOf(c, parts, () => left.abort());
}

function bodyOf(
  c: Context<AppEnv>,
  parts: AsyncGenerator<string, void>,
  onLeft: () => void = () => {},
): ReadableStream<Uint8Array> {
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
      cancel() {
        onLeft();
        return end();
      },
    },
    // No text is made before the caller reads.
    { highWaterMark: 0 },
  );
}
