/** Operations that send every script of feeds. */
import { feeds } from '../../../src/app/live.ts';
import { checkConnection, leaveRooms } from '../../../src/platform/feeds/check.ts';
import { type Topic, topicOf } from '../../../src/platform/feeds/topic.ts';
import type { ReplyWorld } from './reply-world.ts';

/** Returns the operations of feeds by name. */
export function feedOperationsOf({ tenant, within }: ReplyWorld) {
  return {
    async 'a connection of the feeds that checks and leaves'() {
      await within(async (scope) => {
        const identity = {
          tenant: tenant.id,
          callerId: tenant.userId,
          entry: null,
          connection: scope.system.token(),
          // The CRM has this feed.
          topics: [topicOf(feeds, tenant.id, tenant.userId, 'deals') as Topic],
        };
        await checkConnection(scope, identity, new Map(), { livesMs: 60_000, mostConnections: 1_000 });
        await leaveRooms(scope, identity, true);
      });
    },
  };
}
