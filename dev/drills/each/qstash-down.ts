import type { Drill } from '../drill.ts';

export const qstashDown: Drill = {
  name: 'qstash-down',
  says: 'QStash takes no messages for two minutes. Nothing has to be done: jobs wait in the outbox.',
  expected: {},
  during: { 'a write': '201' },
  async breaks(world) {
    world.qstash.faults.set({ publishOutage: {} });
  },
  async asks(world) {
    const { status } = await world.addDeal();
    await world.minutes(2);
    return { 'a write': String(status) };
  },
  async mends(world) {
    world.qstash.faults.clear();
    await world.minutes(2);
  },
};
