/** Queues: create, change, look up, delete, pause and resume. */
import { checkedName } from '../destination.ts';
import { cancel, pumpQueue } from '../dispatch.ts';
import type { Emulator } from '../emulator.ts';
import { describeQueue, type Queue, queueOf } from '../queues.ts';
import { RequestError } from '../request-error.ts';
import { type ApiAnswer, type ApiRequest, notFound, ok, readJson, route } from './router.ts';

export const queueRoutes = [
  route('POST', '/v2/queues', putQueue),
  route('GET', '/v2/queues', ({ state }) => ok([...state.queues.values()].map(describeQueue))),
  route('GET', '/v2/queues/:name', (emulator, _request, name) => ok(describeQueue(existing(emulator, name)))),
  route('DELETE', '/v2/queues/:name', deleteQueue),
  route('POST', '/v2/queues/:name/pause', (emulator, _request, name) => change(emulator, name, { paused: true })),
  route('POST', '/v2/queues/:name/resume', (emulator, _request, name) => change(emulator, name, { paused: false })),
];

function existing({ state }: Emulator, name: string): Queue {
  return state.queues.get(checkedName('queue name', name)) ?? notFound(`queue ${name}`);
}

function putQueue(emulator: Emulator, request: ApiRequest): ApiAnswer {
  const { state, limits, clock } = emulator;
  const { queueName, parallelism = 1, paused = false } = Object(readJson(request)) as Record<string, unknown>;
  const name = checkedName('queue name', queueName);
  if (typeof parallelism !== 'number' || !Number.isInteger(parallelism) || parallelism < 1) {
    throw new RequestError(400, 'parallelism must be a whole number greater than 0');
  }
  if (typeof paused !== 'boolean') throw new RequestError(400, 'paused must be true or false');
  if (parallelism > limits.queueParallelism) {
    throw new RequestError(412, `no parallelism over ${limits.queueParallelism}`);
  }
  if (!state.queues.has(name) && state.queues.size >= limits.queues) {
    throw new RequestError(412, `no more than ${limits.queues} queues`);
  }
  queueOf(state.queues, name, clock.now());
  return change(emulator, name, { parallelism, paused });
}

function change(emulator: Emulator, name: string, to: Partial<Pick<Queue, 'parallelism' | 'paused'>>): ApiAnswer {
  const queue = existing(emulator, name);
  Object.assign(queue, to, { updatedAt: emulator.clock.now() });
  pumpQueue(emulator, queue);
  return ok();
}

/** Deletes a queue and cancels its messages. Deleting a missing queue is not an error. */
function deleteQueue(emulator: Emulator, _request: ApiRequest, name: string): ApiAnswer {
  const { state } = emulator;
  state.queues.delete(name);
  for (const message of [...state.messages.values()]) {
    if (message.queueName === name && !message.cancelRequested) cancel(emulator, message);
  }
  return ok();
}
