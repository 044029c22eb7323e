/**
 * The routes that publish a message, add a message to a queue, and publish a batch. A request with `Upstash-Cron`
 * creates a schedule instead of a message.
 */
import { parseTarget } from '../destination.ts';
import type { Emulator } from '../emulator.ts';
import type { Fault } from '../faults.ts';
import { type Published, publish } from '../publish.ts';
import { RequestError } from '../request-error.ts';
import type { PublishRequest } from '../schedules.ts';
import { putSchedule } from '../ticks.ts';
import { refuseWorkflow } from '../workflows.ts';
import { type ApiAnswer, type ApiRequest, ok, readJson, route } from './router.ts';

export const publishRoutes = [
  route('POST', '/v2/publish/*', (emulator, request, tail) => accept(emulator, publishRequest(request, tail))),
  route('POST', '/v2/enqueue/:queue/*', (emulator, request, queueName, tail) =>
    accept(emulator, { ...publishRequest(request, tail), queueName }),
  ),
  route('POST', '/v2/batch', acceptBatch),
];

type Accepted = Published | Published[] | { scheduleId: string };

/** Returns the part of a request that is published. */
export function publishRequest(request: ApiRequest, tail: string): PublishRequest {
  const { headers, body, callerIp } = request;
  return { tail, headers, body, callerIp };
}

function accept(emulator: Emulator, request: PublishRequest): ApiAnswer {
  return faulty(emulator, destinationOf(request.tail), () => {
    const accepted = carryOut(emulator, request);
    const isDuplicate = [accepted].flat().every((one) => 'deduplicated' in one);
    return ok(accepted, isDuplicate ? 202 : 201);
  });
}

/**
 * Publishes each item of a batch on its own: an invalid item gets `{ error }` as its response, and the other items are
 * published. But if an item is a step of a workflow, the whole request fails, because Upstash Workflow ignores the
 * responses of single items.
 */
function acceptBatch(emulator: Emulator, request: ApiRequest): ApiAnswer {
  const items = readJson(request);
  if (!Array.isArray(items)) throw new RequestError(400, 'expected a JSON array of messages');
  for (const item of items) refuseWorkflow(headersOf(item));
  return faulty(emulator, '', () =>
    ok(
      items.map((item: unknown) => {
        try {
          return carryOut(emulator, readItem(item, request.callerIp));
        } catch (error) {
          if (error instanceof RequestError) return { error: error.message };
          throw error;
        }
      }),
    ),
  );
}

function carryOut(emulator: Emulator, request: PublishRequest): Accepted {
  const settings = { ...parseTarget(request.tail).settings, ...request.headers };
  if (settings['upstash-cron'] === undefined) return publish(emulator, request);
  return { scheduleId: putSchedule(emulator, request).scheduleId };
}

function readItem(item: unknown, callerIp: string): PublishRequest {
  const { destination, body, queue } = Object(item) as Record<string, unknown>;
  if (typeof destination !== 'string') throw new RequestError(400, 'missing destination');
  if (body !== undefined && body !== null && typeof body !== 'string') throw new RequestError(400, 'body must be text');
  if (queue !== undefined && typeof queue !== 'string') throw new RequestError(400, 'queue must be text');
  return {
    tail: destination,
    headers: headersOf(item),
    body: Buffer.from(body ?? ''),
    callerIp,
    queueName: queue,
  };
}

function headersOf(item: unknown): Record<string, string> {
  const { headers } = Object(item) as { headers?: unknown };
  const given = Object.entries(Object(headers) as Record<string, unknown>);
  return Object.fromEntries(given.map(([name, value]) => [name.toLowerCase(), String(value)]));
}

/** Publishes, unless a fault refuses the request. Another fault can replace the response with an error. */
function faulty(emulator: Emulator, url: string, publishing: () => ApiAnswer): ApiAnswer {
  const outage = emulator.faults.happens('publishOutage', url);
  if (outage !== undefined) return refusal(outage, 503, 'publishing is switched off by a fault');
  const answered = publishing();
  const lost = emulator.faults.happens('publishErrorAfterAccept', url);
  return lost === undefined ? answered : refusal(lost, 500, 'accepted, but answered with an error');
}

function refusal({ status, headers }: Fault, standard: number, error: string): ApiAnswer {
  return { status: status ?? standard, body: { error: `${error} (fault)` }, ...(headers && { headers }) };
}

function destinationOf(tail: string): string {
  const { destination } = parseTarget(tail);
  return destination.kind === 'url' ? destination.url : destination.name;
}
