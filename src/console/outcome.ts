/** The sentences that report the outcome of an action. The address carries only their code and a number. */
import { counted } from './parts/show.tsx';

const SENTENCES = new Map<string, (count: number) => string>([
  ['job-cancelled', () => 'The job is cancelled.'],
  ['job-asked', () => 'The job runs, and has been asked to stop.'],
  ['job-queued', () => 'The job is queued.'],
  ['jobs-queued', (count) => `${counted(count, 'job')} queued.`],
  ['queue-paused', () => 'The queue is paused.'],
  ['queue-resumed', () => 'The queue runs again.'],
  ['schedule-queued', () => 'This job runs the schedule.'],
  ['schedule-paused', () => 'The schedule is paused.'],
  ['schedule-resumed', () => 'The schedule runs again at its next time.'],
  ['tag-invalidated', () => 'The tag has a new version: the entries with it have ended.'],
  ['era-begun', () => 'A new era has begun: no earlier entry of the cache is served.'],
  ['silenced', () => 'The silence has begun.'],
  ['silence-ended', () => 'The silence has ended.'],
  ['session-ended', () => 'The session has ended.'],
  ['sessions-ended', (count) => `${counted(count, 'session')} ended.`],
  ['verification-queued', () => 'The verification is queued.'],
  ['events-queued', (count) => `Another attempt at ${counted(count, 'event')} is requested.`],
]);

/** Returns the sentence of an outcome; `null` for an unknown code. */
export function sentenceOf(search: URLSearchParams): string | null {
  const sentence = SENTENCES.get(search.get('done') ?? '');
  const count = Number(search.get('count') ?? 0);
  return sentence && Number.isSafeInteger(count) ? sentence(count) : null;
}

const BASE = 'http://console';

/** Returns the page that a form names, if it is a page of the console. */
export function backTo(back: string | undefined, otherwise = '/console'): string {
  const given = back ? URL.parse(back, BASE) : null;
  const isOurs = given?.origin === BASE && /^\/console(\/|$)/.test(given.pathname);
  return isOurs ? `${given.pathname}${given.search}` : otherwise;
}

/** Returns the address of the next page: the page that the form names, with the outcome in place of an older one. */
export function nextPage(back: string | undefined, done: string, count?: number): string {
  const url = new URL(backTo(back), BASE);
  url.searchParams.set('done', done);
  if (count === undefined) url.searchParams.delete('count');
  else url.searchParams.set('count', String(count));
  return `${url.pathname}${url.search}`;
}

/** Returns the address of this page without an outcome, for forms that lead back to it. */
export function thisPage(address: string): string {
  const url = new URL(address);
  url.searchParams.delete('done');
  url.searchParams.delete('count');
  return `${url.pathname}${url.search}`;
}
