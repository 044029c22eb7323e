/**
 * Two conditional changes of one row in every order of their steps: each request to Redis stops, and the explorer tries
 * every choice of the writer that goes on. One writer changes the row; the other one gets 412 with the winner's state.
 */
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { createTestApp } from '../../support/app.ts';
import { counted, everyOrder, type Stop, stoppingFetch } from '../../support/interleave.ts';
import { createTenant, type OwnTenant } from '../../support/tenant.ts';

let tenant: OwnTenant;
beforeAll(async () => {
  tenant = await createTenant(inject('cloud').postgres.url);
});

/** The stops of a writer: before the gate, inside of the transaction with the row's lock, and after COMMIT. */
const STEPS = ['gate', 'mark', 'settle'] as const;
type Place = (typeof STEPS)[number] | 'running' | 'done';

/**
 * The places of the writers. As long as a writer can go on by itself, its work counts as under way, so the explorer waits
 * for it. A writer past its gate cannot go on while another one holds the lock, which it does at `mark`.
 */
function createStage() {
  const places = new Map<string, { at: Place; passedGate: boolean }>();
  let release: (() => void) | null = null;
  const update = () => {
    const all = [...places];
    const isBlocked = (name: string, passedGate: boolean) =>
      passedGate && all.some(([other, { at }]) => other !== name && at === 'mark');
    const isBusy = all.some(([name, { at, passedGate }]) => at === 'running' && !isBlocked(name, passedGate));
    if (isBusy && !release) {
      const end = Promise.withResolvers<void>();
      void counted(() => end.promise);
      release = end.resolve;
    } else if (!isBusy && release) {
      release();
      release = null;
    }
  };
  return {
    move(name: string, at: Place) {
      const before = places.get(name);
      places.set(name, { at, passedGate: before?.at === 'gate' || (before?.passedGate ?? false) });
      update();
    },
    /** The places, as a text. */
    places: () => [...places.values()].map(({ at }) => at).join(' '),
    clear: () => places.clear(),
  };
}

/** The stop of the run, and the stage, which the transports of both writers use. */
let run: { stop: Stop; stage: ReturnType<typeof createStage> } | null = null;

/** An app whose first three requests to Redis stop in each run. */
function createWriter(name: string) {
  let requests = 0;
  const stop: Stop = async (label) => {
    if (!run || !label.endsWith('asks')) return;
    const step = STEPS[requests];
    requests += 1;
    if (step === undefined) return;
    run.stage.move(name, step);
    await run.stop(`${name} ${step}`);
    run?.stage.move(name, 'running');
  };
  const app = createTestApp({ fetch: stoppingFetch(stop, name) });
  return {
    name,
    ask: (method: string, path: string, json?: unknown, headers: Record<string, string> = {}) => {
      requests = 0;
      return app.request(path, { method, key: tenant.keys.all, headers, ...(json === undefined ? {} : { json }) });
    },
    close: app.close,
  };
}

const writers = ['one', 'two'].map(createWriter);
afterAll(() => Promise.all(writers.map(({ close }) => close())));

type Change = [method: string, json?: object];
const patch = (name: string): Change => ['PATCH', { jobTitle: name }];

test.each<[string, (name: string) => Change]>([
  ['two changes', patch],
  ['a change and a deletion', (name) => (name === 'one' ? patch(name) : ['DELETE'])],
])(
  '%s with one ETag: in every order one is made, and the other one gets 412 with the state it left',
  async (_what, changeOf) => {
    const [first] = writers;
    if (!first) throw new Error('There are two');
    const winners = new Set<string>();
    const moments = new Set<string>();
    const orders = await everyOrder(async (stop) => {
      run = null;
      const added = await first.ask('POST', '/contacts', { name: 'Ada' });
      const etag = added.headers.get('etag') ?? '';
      const path = `/contacts/${((await added.json()) as { id: string }).id}`;
      for (const { ask } of writers) expect((await ask('GET', path)).status).toBe(200);
      // A script that Redis does not know yet is sent twice, and connections are opened once.
      for (const { ask } of writers) await ask('PATCH', path, { phone: null }, { 'if-match': '"other"' });

      const stage = createStage();
      run = { stop, stage };
      for (const { name } of writers) stage.move(name, 'running');
      const answers = await Promise.all(
        writers.map(async ({ name, ask }) => {
          const [method, json] = changeOf(name);
          const response = await ask(method, path, json, { 'if-match': etag });
          moments.add(stage.places());
          stage.move(name, 'done');
          const text = await response.text();
          return { name, status: response.status, etag: response.headers.get('etag'), body: text && JSON.parse(text) };
        }),
      );
      run = null;
      const made = answers.filter(({ status }) => status < 300);
      const refused = answers.filter(({ status }) => status === 412 || status === 404);
      expect([made.length, refused.length]).toEqual([1, 1]);
      const [winner] = made;
      winners.add(winner?.name ?? '');
      const left = winner?.body === '' ? null : winner?.body;
      if (left !== null) expect(refused[0]).toMatchObject({ status: 412, etag: winner?.etag, body: { current: left } });
      for (const { ask } of writers) {
        const read = await ask('GET', path);
        expect([read.status, read.headers.get('etag')]).toEqual(left === null ? [404, null] : [200, winner?.etag]);
      }
    });
    expect([...winners].toSorted()).toEqual(['one', 'two']);
    // The writer that passes its gate first gets the lock, and the gate of the other one comes at 3 moments after that.
    expect(orders).toBe(6);
    // In some orders the refusal came while the winner had committed and not yet answered.
    expect([...moments].some((places) => places.includes('settle'))).toBe(true);
  },
);
