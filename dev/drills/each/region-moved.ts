import type { Drill } from '../drill.ts';

export const regionMoved: Drill = {
  name: 'region-moved',
  says: 'QStash is gone with its messages. Deploy with another region; the sweep sends the jobs again.',
  expected: {},
  async breaks(world) {
    const { url, token, current, next } = await world.moveQstash();
    world.deploy({
      QSTASH_URL: url,
      QSTASH_TOKEN: token,
      QSTASH_CURRENT_SIGNING_KEY: current,
      QSTASH_NEXT_SIGNING_KEY: next,
    });
  },
};
