/**
 * The list of the app's modules. A new domain is added to this list; outside its own folder, nothing else in `src`
 * changes.
 */
import { care } from '../care/index.ts';
import { crm } from '../crm/index.ts';
import { identity } from '../identity/index.ts';
import { verifyJob } from '../platform/audit/index.ts';
import type { ApiTexts } from '../platform/http/index.ts';
import { jobFeed, jobsFeed } from '../platform/jobs/admin/index.ts';
import { type Module, module } from '../platform/module.ts';
import { serviceFeed } from '../platform/observe/index.ts';

const ADMINISTRATION = [
  ...(['cache:admin', 'jobs:admin', 'streams:admin', 'alerts:admin', 'limits:bypass', 'metrics:read'] as const),
  ...(['console:view', 'console:act', 'audit:read', 'audit:erase'] as const),
];

/**
 * The rights for the platform's own routes. The right `limits:bypass` lets an administrator pass the limits in order to
 * repair a fault.
 */
const administration = module({
  name: 'administration',
  rights: [...ADMINISTRATION],
  // A password alone can look at the console, and change nothing.
  factor: ['console:act'],
  roles: { admin: ADMINISTRATION.filter((right) => right !== 'audit:erase'), auditor: ['console:view', 'audit:read'] },
  jobs: [verifyJob],
  feeds: [jobFeed, jobsFeed, serviceFeed],
  tags: {
    Alerts: 'Conditions that operators must know, and their silences',
    Audit: 'The sealed trail of what was done, by whom and when, and its proofs',
    Metrics: 'Figures of the whole service for Prometheus',
    Health: 'Whether the service, Redis and PostgreSQL answer',
    Cache: 'Statistics and entries of the cache, and their invalidation',
    Feeds: 'Live updates for browsers',
    Jobs: 'Background jobs, their queues, schedules and deliveries',
    Streams: 'Streams of events, their consumer groups, and events that were put aside',
  },
});

/** The modules. The order decides the order of routes, and the order in which due schedules run. */
export const modules: readonly Module[] = [administration, identity, crm, care];

/** The texts of the API's description. The groups of operations are in the order of the modules. */
export const apiTexts: ApiTexts = {
  title: 'Holdfast',
  description:
    'A CRM with cached queries. `X-Cache` shows the source of the data in an answer, and `Server-Timing` the cost.',
  tags: Object.assign({}, ...modules.map((module) => module.tags)),
};
