/** The navigation of the site: groups of pages in the order in which a newcomer needs them. */
import type { Page } from './pages.ts';

export interface Group<P> {
  title: string;
  pages: P[];
}

/** Each group with its first pages; a pattern takes all further pages that match it, in the order of their names. */
const GROUPS: readonly { title: string; pages: readonly (string | RegExp)[] }[] = [
  {
    title: 'Setup',
    pages: [
      'README.md',
      'docs/guides/README.md',
      /^docs\/guides\/(?:index|start|first|setup|install|windows|macos)/,
      'docs/install.md',
      'CONTRIBUTING.md',
    ],
  },
  {
    title: 'Concepts',
    pages: [
      /^docs\/guides\/.*concept/,
      'ARCHITECTURE.md',
      'docs/glossary.md',
      'docs/consistency.md',
      /^docs\/guides\/.*(?:redis-server|coming-from|from-redis|topology|flow|diagram)/,
    ],
  },
  {
    title: 'Cache',
    pages: [
      /^docs\/guides\/cache(?!.*mainten)/,
      'docs/cache.md',
      'docs/cache-faults.md',
      'docs/numbers.md',
      'docs/documents.md',
    ],
  },
  { title: 'Sessions', pages: [/^docs\/guides\/.*session/, 'docs/security.md', 'SECURITY.md', 'docs/audit.md'] },
  { title: 'Limits', pages: [/^docs\/guides\/.*limit/, 'docs/limits.md'] },
  {
    title: 'Jobs',
    pages: [
      /^docs\/guides\/.*job/,
      'docs/jobs.md',
      'docs/streams.md',
      'docs/webhooks.md',
      'docs/imports.md',
      'docs/import-files.md',
      'docs/qstash-emulator.md',
    ],
  },
  { title: 'Feeds', pages: [/^docs\/guides\/.*(?:feed|live)/, 'docs/live.md', 'docs/channels.md'] },
  { title: 'Care', pages: [/^docs\/guides\/.*care/, 'docs/care.md', 'docs/care-flow.md'] },
  {
    title: 'Operations',
    pages: [
      'docs/guides/deployment-checklist.md',
      'docs/guides/operations.md',
      'docs/guides/redis-monitoring.md',
      'docs/guides/cache-maintenance.md',
      'docs/guides/performance-tuning.md',
      'docs/guides/best-practices.md',
      'docs/guides/troubleshooting.md',
      /^docs\/guides\//,
      'docs/cli.md',
      'docs/console.md',
      'docs/observe.md',
      'docs/alerts.md',
      'docs/recovery.md',
      'docs/redis-faults.md',
      'docs/load.md',
      'docs/usage.md',
      'docs/costs.md',
    ],
  },
  { title: 'Runbooks', pages: [/^docs\/runbooks\/(?:index|README)/, /^docs\/runbooks\//] },
  {
    title: 'Reference',
    pages: [
      'docs/api.md',
      'clients/typescript/README.md',
      'docs/guides/react.md',
      'docs/package.md',
      'docs/recipes.md',
      'docs/search.md',
      'docs/custom-fields.md',
      'docs/stored-formats.md',
      'docs/local-redis.md',
      /^docs\//,
      'CHANGELOG.md',
    ],
  },
  { title: 'Package', pages: [/^reference\//] },
];

/** Returns the groups that have pages. Each page is in one group, that which names the page, or the first that matches it. */
export function groupsOf<P extends Pick<Page, 'source'>>(pages: readonly P[]): Group<P>[] {
  const places = pages.map((page) => ({ page, place: placeOf(page.source) }));
  places.sort((one, other) => one.place - other.place || (one.page.source < other.page.source ? -1 : 1));
  return GROUPS.map(({ title }, index) => ({
    title,
    pages: places.filter(({ place }) => Math.floor(place / MOST) === index).map(({ page }) => page),
  })).filter((group) => group.pages.length > 0);
}

/** More than the entries of any group. */
const MOST = 100;

function placeOf(source: string): number {
  const matching = (fits: (pattern: string | RegExp) => boolean) =>
    GROUPS.flatMap(({ pages }, group) => pages.flatMap((each, entry) => (fits(each) ? [group * MOST + entry] : [])));
  const [named] = matching((pattern) => pattern === source);
  const [matched] = matching((pattern) => pattern instanceof RegExp && pattern.test(source));
  const place = named ?? matched;
  if (place === undefined) throw new Error(`No group of the navigation takes ${source}: add it to dev/site/order.ts`);
  return place;
}
