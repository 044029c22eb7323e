/** One attempt at a delivery: the request to the receiver, through its circuit. */
import { readRetryAfter } from '../../platform/duration.ts';
import type { JobContext } from '../../platform/jobs/index.ts';
import { OutboundError, type OutboundErrorCode } from '../../platform/outbound/index.ts';

/** The receiver's reply, or the reason why no request was made. */
export interface Reply {
  /** `false` if the circuit or the address prevented the request. */
  sent: boolean;
  responseStatus: number | null;
  /** The code of the failure; `null` if the receiver answered. */
  code: OutboundErrorCode | null;
  /** The wait that the receiver or the circuit asks for. */
  retryAfterMs: number | undefined;
  durationMs: number | null;
}

/** Sends one request to a webhook. 1 request; {@link Circuit.call} describes the requests to Redis. */
export async function send(
  { scope, signal }: Pick<JobContext, 'scope' | 'signal'>,
  webhook: { id: string; url: string },
  headers: Record<string, string>,
  body: string,
): Promise<Reply> {
  const { system } = scope;
  const circuit = scope.circuit({ name: `webhook:${webhook.id}` });
  const start = system.now();
  try {
    const answer = await circuit.call(async (limit) => {
      const both = AbortSignal.any([limit, signal]);
      // A redirect is not followed: its target could be an address that `refusalOf` refuses.
      const init = { method: 'POST', headers, body, signal: both, redirect: 'manual' } as const;
      return readAnswer(await scope.publicFetch(webhook.url, init), system.now());
    });
    return { sent: true, code: null, durationMs: system.now() - start, ...answer };
  } catch (error) {
    if (!(error instanceof OutboundError)) throw error;
    const { code, status, retryAfterMs } = error;
    const sent = code !== 'OUTBOUND_OPEN' && code !== 'OUTBOUND_ADDRESS';
    const durationMs = sent ? system.now() - start : null;
    return { sent, code, responseStatus: status ?? null, retryAfterMs, durationMs };
  }
}

/**
 * Returns the parts of an answer that decide about the delivery.
 * @throws {OutboundError} if the receiver failed. Only these answers count for the circuit.
 */
async function readAnswer(response: Response, now: number) {
  const { status } = response;
  const retryAfterMs = readRetryAfter(response.headers.get('retry-after'), now);
  await response.body?.cancel();
  if (status >= 500) throw new OutboundError('OUTBOUND_FAILED', 'The receiver failed', { status, retryAfterMs });
  return { responseStatus: status, retryAfterMs };
}
