/** Waiting for jobs, imports and exports. */
import { expect, test } from 'vitest';
import { json, problem, stage } from './stage.ts';

const job = (state: string) => json(200, { id: 'job_1', state });
const work = (status: string) => json(200, { id: 'export_1', status });

test('a job is looked at until it is done, dead or cancelled, each time after a longer wait', async () => {
  const states = ['queued', 'running', 'failed', 'running', 'done'];
  const { api, sent, waits } = stage(states.map(job));
  const seen: unknown[] = [];
  const done = await api.waitFor('job_1', { onProgress: (shown) => seen.push(shown) });
  expect([done.state, seen.length]).toEqual(['done', 5]);
  expect(sent.map(({ path }) => path)).toEqual(Array(5).fill('/jobs/job_1'));
  expect(waits).toEqual([500, 750, 1_125, 1_687.5].map((ms) => ms * 0.75));
});

test.each(['dead', 'cancelled'])('a job that is %s is returned', async (state) => {
  const { api } = stage([job(state)]);
  expect(await api.waitFor({ jobId: 'job_1' })).toMatchObject({ state });
});

test.each(['done', 'failed', 'cancelled', 'undone', 'undoFailed'])('an import ends as %s', async (status) => {
  const { api, sent } = stage(['uploading', 'queued', 'running', 'undoing', status].map(work));
  expect(await api.waitFor(() => api.imports.get({ id: 'import_1' }))).toMatchObject({ status });
  expect(sent).toHaveLength(5);
});

test('the wait is at most five seconds', async () => {
  const { api, waits } = stage([...Array.from({ length: 12 }, () => work('running')), work('done')]);
  await api.waitFor(() => api.exports.get({ id: 'export_1' }));
  expect(waits.at(-1)).toBe(3_750);
});

test('a look that fails ends the wait, and so does the signal', async () => {
  const { api } = stage([problem(404, 'NOT_FOUND')]);
  await expect(api.waitFor('job_1')).rejects.toMatchObject({ code: 'NOT_FOUND' });

  const reason = new Error('the page was left');
  const leave = new AbortController();
  const other = stage([job('running')]);
  const waiting = other.api.waitFor('job_1', { signal: leave.signal, onProgress: () => leave.abort(reason) });
  await expect(waiting).rejects.toBe(reason);
  expect(other.sent).toHaveLength(1);
});
