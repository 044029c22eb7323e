/** The story that the installed application goes through on each platform. */
import { expect } from 'vitest';

/** Tells the story to the application at an origin. `name` and `address` are new for each platform. */
export async function tellStory(origin: string, name: string, address: string): Promise<void> {
  const ask = async (path: string, init: RequestInit = {}) => {
    const response = await fetch(origin + path, init);
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json');
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
  };
  const post = (path: string) => ask(path, { method: 'POST' });

  // A write of the application's own table, and a job in the same transaction.
  expect(await post(`/invoices/${name}`)).toMatchObject({
    status: 201,
    body: { jobId: expect.stringMatching(/^job_/) },
  });
  // QStash delivers the job. Its transaction ends the cached invoice by its tag.
  const hit = { invoice: { total: 250, sent: true }, outcome: 'HIT', requests: 1, commands: 1 };
  await expect.poll(async () => (await ask(`/invoices/${name}`)).body).toEqual(hit);

  const signedIn = await post('/sign-in');
  expect(signedIn.status, JSON.stringify(signedIn.body)).toBe(201);
  const cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? '';
  expect(await ask('/me', { headers: { cookie } })).toMatchObject({ status: 200, body: { userId: 'user_1' } });
  expect(await ask('/me')).toMatchObject({ status: 401 });

  const limited = async () => (await ask('/exports', { headers: { 'x-address': address } })).status;
  expect([await limited(), await limited(), await limited()]).toEqual([200, 200, 429]);

  const fence = async () => Number((await post('/report')).body.fence);
  const first = await fence();
  expect(await fence()).toBeGreaterThan(first);

  expect(await post('/jobs/run/invoice.send')).toMatchObject({ status: 401 });
}
