/** The story that the installed application goes through on each platform. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';

/** How long a delivery may take on a busy machine, in ms. */
const PATIENCE_MS = 60_000;

/** The parts of an answer that the story reads. */
interface Answer {
  status: number;
  headers: Headers;
  body: Record<string, unknown>;
}

/**
 * Tells the story to the application at an origin.
 * @param name names its rows; `address` is that of its caller. Both are new for each platform.
 * @throws {assert.AssertionError} for an answer that is not as it must be.
 */
export async function tellStory(origin: string, name: string, address: string): Promise<void> {
  const ask = async (path: string, init: RequestInit = {}): Promise<Answer> => {
    const response = await fetch(origin + path, init);
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json');
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : { text } };
  };
  const post = (path: string) => ask(path, { method: 'POST' });

  // A write of the application's own table, and a job in the same transaction.
  const written = await post(`/invoices/${name}`);
  assert.equal(written.status, 201, JSON.stringify(written.body));
  assert.match(String(written.body['jobId']), /^job_/);
  // QStash delivers the job. Its transaction ends the cached invoice by its tag.
  const invoice = { total: 250, sent: true };
  const hit = { invoice, outcome: 'HIT', requests: 1, commands: 1 };
  await becomes(async () => (await ask(`/invoices/${name}`)).body, hit);

  const signedIn = await post('/sign-in');
  assert.equal(signedIn.status, 201, JSON.stringify(signedIn.body));
  const cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? '';
  // Session, limit and cached data: the first request also tells Redis the limit's script.
  const mine = async () => (await ask(`/me/invoices/${name}`, { headers: { cookie } })).body;
  await becomes(mine, { userId: 'user_1', invoice, requests: 1 });
  const refused = await ask(`/me/invoices/${name}`);
  assert.deepEqual([refused.status, refused.body['code']], [401, 'NOT_AUTHENTICATED']);

  const limited = async () => (await ask('/exports', { headers: { 'x-address': address } })).status;
  assert.deepEqual([await limited(), await limited(), await limited()], [200, 200, 429]);

  const fence = async () => Number((await post('/report')).body['fence']);
  const first = await fence();
  assert.ok((await fence()) > first, 'each holder of the lock has a higher fence');

  assert.equal((await post('/jobs/run/invoice.send')).status, 401, 'a delivery without a signature is refused');
}

/** Asks until the answer is as it must be. */
async function becomes(ask: () => Promise<unknown>, expected: unknown): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const answer = await ask();
    try {
      assert.deepEqual(answer, expected);
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
    await sleep(50);
  }
}
