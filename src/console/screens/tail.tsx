/** The last events of the tenant: changes of rows, events of streams, and jobs. No page shows the data of an event. */
import {
  type Feed,
  type FeedRegistry,
  type RecentEvent,
  readRecent,
  wakeUpSchema,
} from '../../platform/feeds/index.ts';
import { type Caller, mayUse } from '../../platform/http/index.ts';
import { readJobIndex, readListed } from '../../platform/jobs/admin/index.ts';
import { Choice, Table } from '../../platform/pages/index.ts';
import { type RecentStreamEvent, readRecentEvents } from '../../platform/streams/index.ts';
import { Badge, Moment } from '../parts/show.tsx';
import { type Asking, early, type Screen, type Visit } from '../screen.ts';

/** The events that are read of each feed and of each stream. */
const MOST_EVENTS = 50;
/** The jobs that are read: each costs 2 commands. */
const MOST_JOBS = 25;
const JOBS = 'jobs';

/** A line of the tail. */
interface Line {
  at: number;
  source: string;
  /** The kind of event, or the state of a job. */
  what: string;
  /** The row, the key or the job. */
  about: string;
  /** The address of the job. */
  href?: string;
  by: string | null;
}

export const screen: Screen = {
  title: 'Live tail',
  topics: ({ parts, caller }) => [JOBS, ...shownFeeds(parts.feeds, caller).map(({ name }) => name)],
  open(asking) {
    const { scope, tenant, parts } = asking;
    const { source, text } = filterOf(asking);
    const of = { redis: scope.redis, tenant: tenant.tenant };
    const isWanted = (name: string) => source === '' || source === name;
    const changes = tailedFeeds(parts.feeds)
      .filter(({ name }) => isWanted(name))
      .map((feed) => ({ feed, events: early(readRecent(of, feed, MOST_EVENTS)) }));
    const streams = streamsOf(asking)
      .filter((name) => isWanted(streamSource(name)))
      .map((name) => ({ name, events: early(readRecentEvents(of, name, MOST_EVENTS)) }));
    const search = { names: [...parts.jobs.keys()], limit: MOST_JOBS };
    const listed = isWanted(JOBS) ? early(readJobIndex(scope.redis, tenant.tenant, search)) : null;
    return async (visit) => {
      const shown = changes.filter(({ feed }) => mayHear(visit.caller, feed));
      const all = await Promise.all([
        ...shown.map(async ({ feed, events }) => (await events).map((event) => lineOfChange(feed.name, event))),
        ...streams.map(async ({ name, events }) => (await events).map((event) => lineOfEvent(name, event))),
        ...(listed === null ? [] : [jobLines(visit, listed)]),
      ]);
      const lines = all.flat().filter(({ what, about, by }) => `${what} ${about} ${by ?? ''}`.includes(text));
      return (
        <>
          <Filters visit={visit} source={source} text={text} />
          <Lines lines={lines.sort((one, other) => other.at - one.at)} now={visit.now} />
        </>
      );
    };
  },
};

function filterOf({ c }: Asking) {
  return { source: c.req.query('source') ?? '', text: (c.req.query('text') ?? '').trim() };
}

/**
 * The feeds of the whole tenant that the tail shows. A feed with presence is left out, because listening to it would show
 * the operator to the users; a feed of wake-ups tells of no single change.
 */
function tailedFeeds(feeds: FeedRegistry): Feed[] {
  return [...feeds.values()].filter(({ audience, presence, event }) => {
    return audience === 'tenant' && !presence && event !== wakeUpSchema;
  });
}

function shownFeeds(feeds: FeedRegistry, caller: Caller): Feed[] {
  return tailedFeeds(feeds).filter((feed) => mayHear(caller, feed));
}

function mayHear(caller: Caller, { access }: Feed): boolean {
  return access === null || mayUse(caller, access);
}

function streamsOf({ parts }: Asking): string[] {
  return [...new Set(parts.consumers.map(({ stream }) => stream.name))];
}

function streamSource(name: string): string {
  return `stream ${name}`;
}

function lineOfChange(source: string, { at, type, id, actorId }: RecentEvent): Line {
  return { at, source, what: type, about: id ?? '', by: actorId };
}

function lineOfEvent(name: string, { at, type, key, version }: RecentStreamEvent): Line {
  return { at, source: streamSource(name), what: type, about: `${key}, version ${version}`, by: null };
}

async function jobLines({ scope, tenant }: Visit, index: ReturnType<typeof readJobIndex>): Promise<Line[]> {
  const { jobs } = await index;
  const records = await readListed({ redis: scope.redis, sealer: 'redact' }, tenant.tenant, jobs);
  return records.map(({ id, name, state, updatedAt }) => {
    return { at: updatedAt, source: JOBS, what: state, about: `${name} ${id}`, href: `/console/jobs/${id}`, by: null };
  });
}

function Filters({ visit, source, text }: { visit: Visit; source: string; text: string }) {
  const feeds = shownFeeds(visit.parts.feeds, visit.caller).map(({ name }) => name);
  const sources = [JOBS, ...feeds, ...streamsOf(visit).map(streamSource)];
  return (
    <form method="get" action="/console/tail" class="filters" data-swap>
      <Choice name="source" label="Source" all="Every source" values={sources} chosen={source} />
      <label>
        Contains
        <input name="text" value={text} maxlength={100} spellcheck={false} />
      </label>
      <button type="submit">Filter</button>
    </form>
  );
}

function Lines({ lines, now }: { lines: readonly Line[]; now: number }) {
  if (lines.length === 0) return <p class="empty">No event matches.</p>;
  return (
    <>
      <p class="soft">
        Of this tenant: the last {MOST_EVENTS} events of each source and the {MOST_JOBS} jobs that changed last, the
        newest first. The switch “Live” adds new ones; turn it off to pause.
      </p>
      <Table caption="Last events" columns={['Event', 'When', 'Source', 'About', 'By']}>
        {lines.map(({ at, source, what, about, href, by }) => (
          <tr>
            <th scope="row">{source === JOBS ? <Badge state={what} /> : what}</th>
            <td>
              <Moment at={at} now={now} />
            </td>
            <td>{source}</td>
            <td>{href === undefined ? about : <a href={href}>{about}</a>}</td>
            <td>{by ?? '–'}</td>
          </tr>
        ))}
      </Table>
    </>
  );
}
