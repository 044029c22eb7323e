/** Audited reads of a session and of an API key that wait for the drain. */
import { expect } from 'vitest';
import { drainReads } from '../../../../src/platform/audit/index.ts';
import type { StoredPart } from '../part.ts';
import { type StoredWorld, TENANT } from '../world.ts';
import { READER_ID, readerCookie } from './sessions.ts';

const path = `/users/${READER_ID}`;
const drain = (world: StoredWorld) => world.within((_tenant, scope) => drainReads(scope, TENANT));

export const readLogPart: StoredPart = {
  name: 'read-log',
  async record(world) {
    const answers = [
      await world.request(path, { headers: { cookie: await readerCookie(world) } }),
      await world.request(path),
    ];
    const statuses = answers.map(({ status }) => status);
    if (statuses.some((status) => status !== 200)) throw new Error(`Not read: ${statuses}`);
    return {};
  },
  reads: {
    'a drain makes an entry of each read, once, with its caller': async (world) => {
      expect([await drain(world), await drain(world)]).toEqual([2, 0]);
      const rows = await world.sql(`SELECT action, outcome, actor_type, entity_id FROM audit_entries
        WHERE action = 'user.read' ORDER BY actor_type`);
      const entry = { action: 'user.read', outcome: 'ok', entity_id: READER_ID };
      expect(rows).toEqual([
        { ...entry, actor_type: 'machine' },
        { ...entry, actor_type: 'user' },
      ]);
    },
  },
};
