/** The board of a department: live, without names for the hallway, and ended by each move. */

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Board, Hallway } from '../../../src/care/board/schema.ts';
import { roles } from '../../../src/identity/index.ts';
import { cloudRedis } from '../../support/admin-redis.ts';
import { addKey, sql } from '../../support/tenant.ts';
import { type Clinic, openClinic } from './world.ts';

const MINUTE_MS = 60_000;
let clinic: Clinic;
let department: string;
let number = 0;
beforeAll(async () => {
  clinic = await openClinic();
  clinic.people.set('screen', {
    id: 'screen',
    bearer: await addKey(clinic.database, clinic.tenant.id, { rights: ['care:flow:hallway'] }),
  });
});
afterAll(() => clinic.close());
beforeEach(async () => {
  for (const role of roles) await clinic.signInAgain(role, role);
  number += 1;
  department = `Department ${number}`;
  await clinic.entries();
});

const now = () => Date.now() + clinic.clock.ahead;
const path = (hallway = '') => `/care/board${hallway}?department=${encodeURIComponent(department)}`;
const board = () => clinic.must<Board>('nurse', 'GET', path());
const hallway = () => clinic.must<Hallway>('screen', 'GET', path('/hallway'));
const move = (id: string, step: string, expected: string) =>
  clinic.must('reception', 'POST', `/care/appointments/${id}/${step}`, { expected });

/** Adds a visit of today at a time of its own, without a clinician's overlap. */
async function visit(name = 'Ada Marker'): Promise<string> {
  const patient = await clinic.patient({ name });
  const id = await clinic.visit(patient, 'clinician');
  await sql(clinic.database, 'UPDATE appointments SET department = $2, ticket = right(id, 5) WHERE id = $1', [
    id,
    department,
  ]);
  return id;
}
const setTime = (id: string, column: 'arrived_at' | 'roomed_at', minutesAgo: number) =>
  sql(clinic.database, `UPDATE appointments SET ${column} = $2 WHERE id = $1`, [
    id,
    new Date(now() - minutesAgo * MINUTE_MS).toISOString().slice(0, -1),
  ]);

describe('the board', () => {
  test('shows the visits of today in the department, with names', async () => {
    const id = await visit();
    const { items } = await board();
    expect(items).toMatchObject([{ id, name: 'Ada Marker', status: 'booked', ticket: id.slice(-5) }]);
  });

  test('has waiting patients, the longest wait, and the mean way from door to room', async () => {
    const [one, two, three] = [await visit(), await visit(), await visit()];
    for (const id of [one, two, three]) await move(id, 'arrive', 'booked');
    await setTime(one, 'arrived_at', 30);
    await setTime(two, 'arrived_at', 12);
    await move(two, 'room', 'arrived');
    await setTime(two, 'roomed_at', 2);
    await move(three, 'undo', 'arrived');
    const { waiting, longestWaitMs, meanDoorToRoomMs } = await board();
    const minutes = [longestWaitMs, meanDoorToRoomMs].map((ms) => Math.round((ms ?? 0) / MINUTE_MS));
    expect([waiting, ...minutes]).toEqual([1, 30, 10]);
  });

  test('is ended by each move, and by a booking', async () => {
    const id = await visit();
    const statuses = async () => (await board()).items.map(({ status }) => status);
    expect(await statuses()).toEqual(['booked']);
    let at = 'booked';
    for (const [step, to] of [
      ['arrive', 'arrived'],
      ['room', 'in_room'],
      ['start', 'with_clinician'],
      ['finish', 'finished'],
      ['undo', 'with_clinician'],
    ] as const) {
      await move(id, step, at);
      expect(await statuses()).toEqual([to]);
      at = to;
    }
  });

  test('costs one statement, and as a hit none; the second request to Redis is its audit entry with the patients', async () => {
    await visit();
    const first = await clinic.send('nurse', 'GET', path());
    const hit = await clinic.send('nurse', 'GET', path());
    expect([first.headers.get('x-cache'), hit.headers.get('x-cache')]).toEqual(['MISS', 'HIT']);
    expect(first.cost['db']).toBe('1 query');
    expect(hit.cost).toEqual({ redis: '2 requests, 5 commands', db: '0 queries' });
    const patients = (await board()).items.map(({ patientId }) => patientId);
    expect(patients).toHaveLength(1);
    const reads = (await clinic.entries()).filter(({ action }) => action === 'board.read');
    expect(reads).toMatchObject(Array(3).fill({ outcome: 'ok', data: { patients } }));
  });

  test('has no name in Redis in clear text', async () => {
    await visit('Marked Person');
    await board();
    const scope = clinic.platform.scope();
    const keys = await cloudRedis().keys(`hf:${clinic.tenant.id}:*`);
    const values: unknown[] = [];
    for (const key of keys) if ((await cloudRedis().type(key)) === 'string') values.push(await scope.redis.get(key));
    await scope.end();
    expect(keys.filter((key) => key.includes('care.board'))).not.toEqual([]);
    expect(JSON.stringify([keys, values])).not.toContain('Marked');
  });
});

describe('the hallway screen', () => {
  test('has the tickets of the patients who wait or are called, and no names or ids', async () => {
    const [waiting, called, booked] = [await visit('Marked One'), await visit('Marked Two'), await visit()];
    for (const id of [waiting, called]) await move(id, 'arrive', 'booked');
    await move(called, 'room', 'arrived');
    const shown = await hallway();
    expect(shown.items.map(({ ticket, status }) => [ticket, status]).toSorted()).toEqual(
      [
        [waiting.slice(-5), 'arrived'],
        [called.slice(-5), 'in_room'],
      ].toSorted(),
    );
    for (const hidden of ['Marked', 'patient_', waiting, booked.slice(-5)]) {
      expect(JSON.stringify(shown)).not.toContain(hidden);
    }
  });

  test('has a key that opens nothing else', async () => {
    expect((await clinic.send('screen', 'GET', path())).code).toBe('NOT_ALLOWED');
    expect((await clinic.send('biller', 'GET', path('/hallway'))).code).toBe('NOT_ALLOWED');
  });

  test('gets each move by the feed: ticket, status and department', async () => {
    const id = await visit('Marked Person');
    await move(id, 'arrive', 'booked');
    const scope = clinic.platform.scope();
    const keys = (await cloudRedis().keys(`hf:${clinic.tenant.id}:*`)).filter((key) => key.includes('care-board'));
    expect(keys).toHaveLength(1);
    const entries = JSON.stringify(await scope.redis.xrange(keys[0] ?? '', '-', '+'));
    await scope.end();
    expect(entries).toContain(id.slice(-5));
    expect(entries).toContain('appointment.moved');
    for (const hidden of ['Marked', 'patient_', id]) expect(entries).not.toContain(hidden);
  });
});
