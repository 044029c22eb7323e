/** The entries of the package, with the module of each entry. */
export const ROOMS = {
  '.': 'src/platform/holdfast.ts',
  './redis': 'src/platform/redis/index.ts',
  './counters': 'src/platform/counters/index.ts',
  './cache': 'src/platform/cache/index.ts',
  './sessions': 'src/platform/sessions/index.ts',
  './codes': 'src/platform/codes/index.ts',
  './passwords': 'src/platform/passwords/index.ts',
  './limits': 'src/platform/limits/index.ts',
  './http': 'src/platform/gate/index.ts',
  './locks': 'src/platform/locks/index.ts',
  './outbound': 'src/platform/outbound/index.ts',
  './mail': 'src/platform/mail/index.ts',
  './sql': 'src/platform/sql/index.ts',
  './pg': 'src/platform/sql/pg-store.ts',
  './prisma': 'src/platform/sql/prisma-store.ts',
  './outbox': 'src/platform/outbox/index.ts',
  './events': 'src/platform/events/index.ts',
  './channels': 'src/platform/channels/index.ts',
  './streams': 'src/platform/streams/index.ts',
  './jobs': 'src/platform/jobs/index.ts',
  './jobs/testing': 'src/platform/jobs/testing.ts',
  './feeds/browser': 'src/platform/feeds/browser/index.ts',
  './keep-alive-fetch': 'src/platform/keep-alive-fetch.ts',
  './system': 'src/platform/system.ts',
  './log': 'src/platform/log.ts',
  './local-cloud': 'dev/cloud/local-cloud.ts',
} as const;

/** The modules of the package's command, and the modules of processes and threads that the command starts. */
export const COMMANDS = [
  'package/holdfast.ts',
  'package/cloud.ts',
  'dev/commands/qstash.ts',
  'dev/postgres/worker.ts',
] as const;

/** Optional packages: servers of the local cloud, and drivers. An application installs the packages that it uses. */
export const OPTIONAL: readonly string[] = ['@electric-sql/pglite', '@redis/client', 'js-redis-server', 'pg'];
