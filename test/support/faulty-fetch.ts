/**
 * The transport of one instance to Redis and QStash, with faults at the steps of a job. Each fault strikes once, in
 * order. Scripts are recognized by their text, and later by the digest of that text.
 */
import { createHash } from 'node:crypto';
import '../../src/platform/jobs/index.ts';
import { scriptNameOf } from './script-names.ts';

/** The scripts of jobs, `publish` for requests to QStash, `other` for the rest. */
export type JobStep =
  | 'admit'
  | 'claim'
  | 'finish'
  | 'heartbeat'
  | 'step'
  | 'dead-letter'
  | 'cancel'
  | 'replay'
  | 'run-now'
  | 'late'
  | 'redeliver'
  | 'sent'
  | 'postpone'
  | 'settle'
  | 'publish'
  | 'other';

/**
 * - `down`: the request is not run, the connection is refused.
 * - `lost`: the request is run, but the connection breaks instead of the answer.
 * - `swallow`: QStash accepts the message and never delivers it.
 * - `die-before`, `die-after`: the process dies before or after the request is run; none of its promises ever settles.
 * - `{ refusal }`: the request is not run, and this response is the answer.
 * - `{ before }`, `{ after }`: the request is held before it is sent, or its answer is held.
 */
export type JobFault =
  | 'down'
  | 'lost'
  | 'swallow'
  | 'die-before'
  | 'die-after'
  | { refusal: Response }
  | { before: Promise<unknown> }
  | { after: Promise<unknown> };

export interface FaultyFetch {
  fetch: typeof fetch;
  faults: Partial<Record<JobStep, JobFault[]>>;
  /** Resolves when a fault has killed the process. */
  died: Promise<void>;
  /** The steps of all requests so far, including those to QStash. */
  asked: JobStep[][];
  /** The items of every batch sent to QStash. */
  published: { destination: string; headers: Record<string, string>; body: string }[];
}

/** Returns the step of a script's text: the name of the script after `jobs.`. */
function stepOf(text: string): JobStep {
  const name = scriptNameOf(text);
  // The type lists the names of the scripts of jobs.
  return name?.startsWith('jobs.') ? (name.slice('jobs.'.length) as JobStep) : 'other';
}

/** The steps of texts that were sent, by the digest of the text. */
const known = new Map<string, JobStep>();

/** Creates a transport without faults. `die` is called when a fault kills the process. */
export function faultyFetch(qstashUrl: string, die: () => void): FaultyFetch {
  const death = Promise.withResolvers<void>();
  const way: FaultyFetch = {
    faults: {},
    died: death.promise,
    asked: [],
    published: [],
    async fetch(input, init) {
      const toQstash = String(input).startsWith(qstashUrl);
      const steps: JobStep[] = toQstash ? ['publish'] : stepsOf(String(init?.body));
      way.asked.push(steps);
      if (String(input).endsWith('/v2/batch'))
        way.published.push(...(JSON.parse(String(init?.body)) as FaultyFetch['published']));
      const faulty = steps.find((step) => (way.faults[step]?.length ?? 0) > 0);
      const fault = faulty && way.faults[faulty]?.shift();
      const never = () => {
        die();
        death.resolve();
        return new Promise<Response>(() => {});
      };
      if (fault === 'down') throw new TypeError('fetch failed');
      if (fault === 'die-before') return never();
      if (fault === 'swallow') return Response.json([{ messageId: 'msg_swallowed' }]);
      if (typeof fault === 'object' && 'refusal' in fault) return fault.refusal;
      if (typeof fault === 'object' && 'before' in fault) await fault.before;
      const response = await fetch(input, init);
      if (typeof fault === 'object' && 'after' in fault) await fault.after;
      if (fault === 'lost') {
        await response.text();
        throw new TypeError('terminated');
      }
      if (fault === 'die-after') {
        await response.text();
        return never();
      }
      return response;
    },
  };
  return way;
}

/** The steps of a request to Redis, by its body. */
export function stepsOf(body: string): JobStep[] {
  // A subscription has no body.
  if (body === 'undefined') return ['other'];
  const commands = JSON.parse(body) as string[][] | object;
  // Requests to other services, such as the mail provider, have no Redis commands.
  if (!Array.isArray(commands)) return ['other'];
  return (commands as string[][]).map(([name = '', text = '']) => {
    if (/^evalsha$/i.test(name)) return known.get(text) ?? 'other';
    if (!/^eval$/i.test(name)) return 'other';
    const step = stepOf(text);
    known.set(createHash('sha1').update(text).digest('hex'), step);
    return step;
  });
}
