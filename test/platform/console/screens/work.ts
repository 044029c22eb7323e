/** The screens of the background work: queues, schedules and streams. */
import { describe, expect, test } from 'vitest';
import type { Schedule } from '../../../../src/platform/jobs/index.ts';
import { answer, type Desk, formOf, lanes, open, wordsOf } from '../desk.ts';

export function workTests(desk: () => Desk, nightly: Schedule): void {
  describe('queues', () => {
    test('show their depth and the oldest job, and are paused and resumed after a question', async () => {
      const { browser } = await desk().signedIn();
      await desk().enqueue(lanes, 1, { delay: '1h' });
      await desk().world.advance(120_000);
      const list = await open(browser, '/console/queues');
      expect(wordsOf(list.text)).toMatch(/lanes 2 1 2 min/);
      const paused = await answer(
        browser,
        list.text,
        '/console/queues/lanes/pause',
        /for all tenants\?.* Pause 1 queue/,
      );
      expect(wordsOf(paused.text)).toContain('The queue is paused.');
      const resumed = await answer(browser, paused.text, '/console/queues/lanes/resume', /Resume 1 queue/);
      expect(wordsOf(resumed.text)).toMatch(/The queue runs again\..* lanes 2 1 .* open/);
    });

    test('are paused by operators only', async () => {
      const { browser } = await desk().signedIn();
      desk().operates(false);
      expect((await open(browser, '/console/queues')).text).not.toContain('/pause');
      for (const form of [undefined, {}]) {
        expect((await open(browser, '/console/queues/lanes/pause', form)).status).toBe(403);
      }
    });
  });

  test('a schedule shows its times in words, and runs now as a job', async () => {
    const { browser } = await desk().signedIn();
    const { text } = await open(browser, '/console/schedules');
    expect(wordsOf(text)).toContain('every day at 04:30 UTC');
    const { action, fields } = formOf(text, '/run');
    const job = await open(browser, action, fields);
    expect(job.path).toMatch(/^\/console\/jobs\/job_\w+\?done=schedule-queued$/);
    await desk().world.settle();
    expect(wordsOf((await open(browser, job.path)).text)).toContain('Now done');
    expect(wordsOf((await open(browser, '/console/schedules')).text)).toMatch(/ ok /);
  });

  test('a schedule is paused and resumed, and runs by hand meanwhile; one that each trigger runs has no button', async () => {
    const { browser, person } = await desk().signedIn();
    const { text } = await open(browser, '/console/schedules');
    const link = `/console/schedules/${nightly.name}`;
    const paused = await answer(
      browser,
      text,
      `${link}/pause`,
      /for all tenants\? .* not made up for\. Pause 1 schedule/,
    );
    expect(wordsOf(paused.text)).toMatch(new RegExp(`The schedule is paused\\..* paused .* ${person.id}`));
    const run = formOf(paused.text, '/run');
    await open(browser, run.action, run.fields);
    await desk().world.settle();
    const ran = await open(browser, '/console/schedules');
    expect(wordsOf(ran.text)).toMatch(/ ok /);
    const resumed = await answer(
      browser,
      ran.text,
      `${link}/resume`,
      /runs again at its next time\. Resume 1 schedule/,
    );
    expect(wordsOf(resumed.text)).toContain('The schedule runs again');
    expect(text).not.toContain('/console/schedules/outbox.drain/pause');
    expect((await open(browser, '/console/schedules/none/pause', {})).status).toBe(404);
  });

  test('streams show their groups, and events that were put aside are replayed after a question', async () => {
    const { browser } = await desk().signedIn();
    const { tenant } = desk().world;
    await desk().world.query(
      `INSERT INTO stream_groups (tenant_id, stream, name) VALUES ($1, 'deals', 'stage-history') ON CONFLICT DO NOTHING`,
      [tenant.id],
    );
    await desk().world.query(
      `INSERT INTO dead_events (tenant_id, stream, name, key, version, reason, died_at)
     VALUES ($1, 'deals', 'stage-history', 'deal_1', 1, 'NO_SUCH_BOAT', now())`,
      [tenant.id],
    );
    const list = await open(browser, '/console/streams');
    expect(wordsOf(list.text)).toMatch(/deals · stage-history/);
    const link = '/console/streams/deals/stage-history/replay';
    const after = await answer(browser, list.text, link, /another attempt at 1 event of the group.* Replay 1 event/);
    expect(wordsOf(after.text)).toMatch(/Another attempt at 1 event is requested\./);
    expect((await open(browser, '/console/streams/deals/none/replay')).status).toBe(404);
  });
}
