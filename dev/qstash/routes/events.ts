/**
 * Lists the log. The SDK and the OpenAPI file use different names: `events` and `logs`. Both paths work, and each
 * answer has both keys.
 */
import type { Emulator } from '../emulator.ts';
import { describeEvent, type LogEvent, newestFirst } from '../events.ts';
import { readCount, readFilter } from '../filters.ts';
import { RequestError } from '../request-error.ts';
import { type ApiAnswer, type ApiRequest, ok, route } from './router.ts';

const PAGE = 100;

export const eventRoutes = [route('GET', '/v2/events', list), route('GET', '/v2/logs', list)];

/** Lists entries, newest first. The cursor is the number of the last entry on the page. */
function list({ state }: Emulator, { query }: ApiRequest): ApiAnswer {
  const filter = readFilter(query, 'events');
  const count = readCount(query, PAGE);
  const found: LogEvent[] = [];
  let cursor: string | undefined;
  for (const event of newestFirst(state.events, readCursor(query))) {
    if (!filter({ message: event.message, time: event.time, state: event.state })) continue;
    if (found.length === count) {
      cursor = String(found.at(-1)?.sequence);
      break;
    }
    found.push(event);
  }
  const events = found.map(describeEvent);
  return ok({ events, logs: events, cursor });
}

function readCursor(query: URLSearchParams): number | undefined {
  const text = query.get('cursor') ?? '';
  if (text === '') return undefined;
  if (!/^\d+$/.test(text)) throw new RequestError(400, `invalid cursor: ${text}`);
  return Number(text);
}
