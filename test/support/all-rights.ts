/**
 * The files of tests in which the app's code, or a client, has all rights on Redis. In all other tests, and in the drills,
 * the app has the rights of docs/access.md only, and the commands of a test itself go through `admin-redis.ts`.
 */
export const ALL_RIGHTS: Readonly<Record<string, string>> = {
  'test/platform/limits/library-defects.test.ts': 'The bare library @upstash/ratelimit has keys without a prefix.',
  'test/platform/redis/transport.test.ts': 'The transport is tested with commands that the app does not send.',
  'test/platform/dev/redis.test.ts': 'The embedded Redis itself.',
  'test/platform/dev/redis-backup.test.ts': 'Backups are commands of an operator, who has all rights.',
  'test/platform/dev/redis-clients.test.ts': 'The embedded Redis itself, with the clients of others.',
  'test/platform/dev/redis-outage.test.ts': 'The REST server itself, without its Redis.',
  'test/platform/dev/redis-rest-commands.test.ts': 'The REST server itself: all commands that it knows.',
  'test/platform/dev/redis-rest-engine.test.ts': 'The REST server itself, in front of the embedded Redis.',
  'test/platform/dev/redis-rest-protocol.test.ts': 'The REST server itself: its protocol.',
  'test/platform/dev/redis-rest-scripts.test.ts': 'The REST server itself: scripts of any text.',
  'test/platform/dev/redis-rest-subscribe.test.ts': 'The REST server itself: channels of any name.',
  'test/platform/dev/slow-machine.test.ts': 'The REST server itself, and no command of the app.',
  'test/platform/observe/eviction.test.ts':
    'Only a user with all rights may send CONFIG GET, one source of the policy.',
  'test/platform/package/cloud.ts': 'The app of a user of the package, with the token that `holdfast cloud` prints.',
};
