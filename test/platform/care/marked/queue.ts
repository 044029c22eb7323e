/** The local QStash of the story: it delivers to the app of the clinic, and keeps dead letters of its own. */
import { testClock } from '../../../../dev/qstash/clock.ts';
import { type Qstash, startQstash } from '../../../../dev/qstash/server.ts';
import { APP_URL } from '../../../support/app.ts';
import type { Clinic } from '../world.ts';
import { MARKS } from './marks.ts';

const HOUR_MS = 3_600_000;
const TOKEN = 'marked-token';
const KEYS = { current: 'sig_marked_current', next: 'sig_marked_next' };

export type Queue = Awaited<ReturnType<typeof startQueue>>;

/** Starts the queue. It delivers to the clinic that `connect` names; `environment` is for the app of this clinic. */
export async function startQueue() {
  let clinic: Clinic | undefined;
  const qstash: Qstash = await startQstash({
    ...{ token: TOKEN, keys: KEYS, clock: testClock(Date.now()) },
    async fetch(url, { method, headers, body }) {
      if (!clinic) throw new Error('No clinic is connected');
      return clinic.app.request(new URL(url).pathname, { method, headers, ...(body ? { body } : {}) });
    },
  });
  const ask = async <Body>(path: string, init: RequestInit = {}): Promise<Body> => {
    const response = await fetch(`${qstash.url}${path}`, {
      ...init,
      headers: { authorization: `Bearer ${TOKEN}`, ...init.headers },
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`);
    return JSON.parse(text) as Body;
  };
  const settle = () => qstash.clock.settle();
  // From one due delivery to the next one, so that both clocks are the same when a delivery is made.
  const pass = async (hours: number) => {
    await settle();
    const until = qstash.clock.now() + hours * HOUR_MS;
    for (let now = qstash.clock.now(); now < until; now = qstash.clock.now()) {
      const ms = Math.max(0, Math.min(qstash.clock.waiting().next ?? until, until) - now);
      if (clinic) clinic.clock.ahead += ms;
      await qstash.clock.advance(ms);
      await settle();
    }
  };
  const deadLetters = async () =>
    (await ask<{ messages: object[] }>('/v2/dlq')).messages.map((each) => JSON.stringify(each));
  return {
    environment: {
      ...{ QSTASH_URL: qstash.url, QSTASH_TOKEN: TOKEN },
      ...{ QSTASH_CURRENT_SIGNING_KEY: KEYS.current, QSTASH_NEXT_SIGNING_KEY: KEYS.next },
    },
    connect(to: Clinic) {
      clinic = to;
    },
    /** Waits for the deliveries under way. */
    settle,
    /** Moves the clocks of the app and of the queue, and delivers what becomes due. */
    pass,
    /** Adds a dead letter with the planted value: the app refuses its message. */
    async plant(): Promise<void> {
      const headers = { 'upstash-retries': '0', 'content-type': 'application/json' };
      const body = JSON.stringify({ text: MARKS.planted });
      await ask(`/v2/publish/${APP_URL}/jobs/run/planted`, { method: 'POST', headers, body });
      await settle();
    },
    /** The dead letters, as the API of QStash shows them. */
    deadLetters,
    close: () => qstash.close(),
  };
}
