/** Flow-control keys: look up, pause, pin limits. */
import { pumpFlow } from '../dispatch.ts';
import type { Emulator } from '../emulator.ts';
import { describeFlow, type Flow, flowOf, pin, resetRate } from '../flow-control.ts';
import { RequestError } from '../request-error.ts';
import { type ApiAnswer, type ApiRequest, notFound, ok, route } from './router.ts';

type Change = (flow: Flow, query: URLSearchParams, now: number) => void;

export const flowControlRoutes = [
  route('GET', '/v2/flowControl', list),
  route('GET', '/v2/flowControl/:key', getOne),
  route('GET', '/v2/globalParallelism', ({ state, limits }) =>
    ok({ parallelismMax: limits.parallelism, parallelismCount: state.sending.active }),
  ),
  changing('pause', (flow) => {
    flow.isPaused = true;
  }),
  changing('resume', (flow) => {
    flow.isPaused = false;
  }),
  changing('pin', pinFromQuery),
  changing('unpin', (flow, query) => {
    if (query.get('parallelism') === 'true') flow.isPinnedParallelism = false;
    if (query.get('rate') === 'true') flow.isPinnedRate = false;
  }),
  changing('resetRate', (flow, _query, now) => resetRate(flow, now)),
];

/** Creates a route that changes a key. The key need not have been used by a message. */
function changing(verb: string, change: Change) {
  return route('POST', `/v2/flowControl/:key/${verb}`, (emulator, { query }, key) => {
    const now = emulator.clock.now();
    const flow = flowOf(emulator.state.flows, key, now);
    change(flow, query, now);
    pumpFlow(emulator, flow);
    return ok();
  });
}

function list({ state, clock }: Emulator, { query }: ApiRequest): ApiAnswer {
  const search = query.get('search') ?? '';
  const found = [...state.flows.values()].filter(({ key }) => key.includes(search));
  return ok(found.map((flow) => describeFlow(flow, clock.now())));
}

function getOne({ state, clock }: Emulator, _request: ApiRequest, key: string): ApiAnswer {
  return ok(describeFlow(state.flows.get(key) ?? notFound(`flow control key ${key}`), clock.now()));
}

function pinFromQuery(flow: Flow, query: URLSearchParams, now: number): void {
  const parallelism = readLimit(query, 'parallelism');
  const rate = readLimit(query, 'rate');
  const period = readLimit(query, 'period');
  if (parallelism === undefined && rate === undefined) throw new RequestError(400, 'pin needs a parallelism or a rate');
  const limits = {
    ...(parallelism !== undefined && { parallelism }),
    ...(rate !== undefined && { rate }),
    ...(period !== undefined && { periodMs: period * 1_000 }),
  };
  pin(flow, limits, now);
}

function readLimit(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  if (!/^[1-9]\d*$/.test(text)) throw new RequestError(400, `invalid ${name}: ${text}`);
  return Number(text);
}
