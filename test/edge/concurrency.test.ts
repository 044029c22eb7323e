/**
 * Requests of one isolate do not disturb each other: in workerd two requests may share neither a socket nor a promise,
 * while Prisma clients are lent from one request to the next. A miss returns everything that it borrowed.
 */
import { afterEach, expect, inject, test } from 'vitest';
import { demoKeys } from '../../prisma/demo.ts';
import { costOf } from '../support/app.ts';
import { startTestWorker, type TestWorker } from '../support/worker.ts';

const MIB = 1024 * 1024;
const PARALLEL = 20;

let worker: TestWorker | undefined;
afterEach(() => worker?.close());

async function startWorker(): Promise<TestWorker> {
  worker = await startTestWorker(inject('cloud'));
  return worker;
}

const authorized = { headers: { authorization: `Bearer ${demoKeys.acme}` } };

/** Several requests at once, none of them cached: `round` gives them new arguments. */
function missesAtOnce({ fetch }: TestWorker, round: string, amount = PARALLEL): Promise<Response[]> {
  return Promise.all(
    Array.from({ length: amount }, (_, index) => fetch(`/contacts/cont_${round}_${index}`, authorized)),
  );
}

test('misses in parallel all answer, each with its own cost, on an isolate that has just started', async () => {
  const started = await startWorker();
  for (const round of ['first', 'second', 'third']) {
    const answers = await missesAtOnce(started, round);
    expect(answers.map(({ status }) => status)).toEqual(Array(PARALLEL).fill(404));
    expect(answers.map(({ headers }) => headers.get('x-cache'))).toEqual(Array(PARALLEL).fill('MISS'));
    // The first round may also look up the key.
    if (round !== 'first') expect(answers.map((each) => costOf(each)['db'])).toEqual(Array(PARALLEL).fill('1 query'));
  }
});

test('parallel writes run each in a transaction of its own', async () => {
  const started = await startWorker();
  const send = (path: string, method: string, body?: object) =>
    started.fetch(path, {
      method,
      headers: { ...authorized.headers, 'content-type': 'application/json' },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
  const answers = await Promise.all(
    Array.from({ length: PARALLEL }, (_, index) =>
      // Every second write refers to a missing row and is rolled back.
      send('/companies', 'POST', { name: `Parallel ${index}`, ...(index % 2 ? { ownerId: 'user_none' } : {}) }),
    ),
  );
  expect(answers.map(({ status }) => status)).toEqual(answers.map((_, index) => (index % 2 ? 409 : 201)));
  const made = (await Promise.all(answers.filter(({ ok }) => ok).map((answer) => answer.json()))) as {
    id: string;
    name: string;
  }[];
  expect(made.map(({ name }) => name)).toEqual(made.map((_, index) => `Parallel ${index * 2}`));
  const removed = await Promise.all(made.map(({ id }) => send(`/companies/${id}`, 'DELETE')));
  expect(removed.map(({ status }) => status)).toEqual(made.map(() => 204));
});

test('a request whose caller disconnects does not stop later requests', async () => {
  const started = await startWorker();
  const { port } = await started.url();
  // The first request of the isolate, which loads Prisma and its query compiler.
  for (const delay of [0, 1, 2, 3]) {
    const caller = new AbortController();
    const gone = fetch(`http://127.0.0.1:${port}/contacts/cont_gone_${delay}`, {
      ...authorized,
      signal: caller.signal,
    }).catch(() => undefined);
    for (let turn = 0; turn < delay; turn++) await started.fetch('/health');
    caller.abort();
    await gone;
  }
  const answers = await missesAtOnce(started, 'after');
  expect(answers.map(({ status }) => status)).toEqual(Array(PARALLEL).fill(404));
});

test('hundreds of misses do not grow the heap', async () => {
  const started = await startWorker();
  const rounds = async (name: string, amount: number) => {
    for (let round = 0; round < amount; round++) {
      const answers = await missesAtOnce(started, `${name}${round}`);
      expect(answers.every(({ status }) => status === 404)).toBe(true);
    }
  };
  await rounds('warm', 2);
  const before = await started.liveHeap();
  await rounds('many', 20);
  const after = await started.liveHeap();
  console.log(`Live heap: ${mib(before)} after ${2 * PARALLEL} misses, ${mib(after)} after ${22 * PARALLEL}`);
  // A Prisma client is 2 MiB; the limit of an isolate is 128 MB. The compiled code alone takes from 40 to 53 MiB.
  expect(after).toBeLessThan(64 * MIB);
  expect(after - before).toBeLessThan(4 * MIB);
});

function mib(bytes: number): string {
  return `${(bytes / MIB).toFixed(1)} MiB`;
}
