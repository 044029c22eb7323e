/** The cache by query, one entry, and the invalidation of a tag. No page shows the value of an entry. */
import type { Inspection } from '../../platform/cache/index.ts';
import { readCounters } from '../../platform/counters/index.ts';
import { ProblemError } from '../../platform/http/index.ts';
import { inspectByArguments, invalidateTags } from '../../platform/observe/index.ts';
import { Choice, Table } from '../../platform/pages/index.ts';
import { tag, tagOfVersion } from '../../platform/redis/index.ts';
import { thisPage } from '../outcome.ts';
import { amount, Badge, span } from '../parts/show.tsx';
import { Spans, spanInWords, spanOf } from '../parts/window.tsx';
import type { Action, Question, Screen } from '../screen.ts';
import { Queries, StoredEntries } from './cache-queries.tsx';
import { NewEra } from './era.tsx';
import { HitChart, readReads } from './service-charts.tsx';

export const screen: Screen = {
  title: 'Cache',
  open:
    () =>
    async ({ c, scope, parts, tenant, mayAct, isOperator }) => {
      const window = spanOf(c);
      const query = c.req.query('query') || undefined;
      const args = c.req.query('args') || '{}';
      const [reading, memory, series, entry] = await Promise.all([
        readCounters(scope, { group: 'cache', window }),
        // A sample is taken rarely, and only the last one counts, so the window is long.
        readCounters(scope, { group: 'memory', window: '24h' }),
        readReads(scope),
        query === undefined ? undefined : inspectByArguments(tenant.cache, parts.queries, query, args),
      ]);
      const back = thisPage(c.req.url);
      return (
        <>
          <section>
            <h2>An entry of this tenant</h2>
            <form method="get" action="/console/cache" class="filters">
              <Choice
                name="query"
                label="Query"
                all="Choose"
                values={[...parts.queries.keys()].sort()}
                chosen={query}
              />
              <label>
                Arguments as JSON
                <input name="args" value={args} maxlength={2000} spellcheck={false} />
              </label>
              <button type="submit">Look up</button>
            </form>
            {entry === null && <p>No entry is stored for these arguments.</p>}
            {entry && <Entry entry={entry} tenant={tenant.tenant} back={back} mayAct={mayAct} />}
          </section>
          {mayAct && (
            <section>
              <h2>Invalidate a tag</h2>
              <form method="get" action="/console/cache/invalidate" class="filters">
                <input type="hidden" name="back" value={back} />
                <label>
                  Tag, such as company:company_01J…:deals
                  <input name="tag" required maxlength={500} spellcheck={false} />
                </label>
                <button type="submit">Invalidate…</button>
              </form>
            </section>
          )}
          {mayAct && isOperator && <NewEra back={back} />}
          <Spans path="/console/cache" chosen={window} />
          <p class="soft">Reads of all tenants in {spanInWords(window)}.</p>
          <HitChart series={series} />
          <Queries reading={reading} />
          <StoredEntries cache={reading} memory={memory} queries={parts.queries} />
        </>
      );
    },
};

function Entry(props: { entry: Inspection; tenant: string; back: string; mayAct: boolean }) {
  const { entry, tenant, back, mayAct } = props;
  const time = (ms: number | null) => (ms === null ? '–' : ms < 0 ? `${span(-ms)} ago` : span(ms));
  return (
    <>
      <dl class="facts">
        <div>
          <dt>Key</dt>
          <dd>
            <code>{entry.key}</code>
          </dd>
        </div>
        <div>
          <dt>State</dt>
          <dd>
            <Badge state={entry.state} />
          </dd>
        </div>
        <div>
          <dt>Age</dt>
          <dd>{time(entry.ageMs)}</dd>
        </div>
        <div>
          <dt>Fresh for</dt>
          <dd>{time(entry.freshForMs)}</dd>
        </div>
        <div>
          <dt>Redis deletes it in</dt>
          <dd>{time(entry.endsInMs)}</dd>
        </div>
        <div>
          <dt>Size</dt>
          <dd>{amount(entry.bytes)} characters</dd>
        </div>
        <div>
          <dt>Load</dt>
          <dd>{time(entry.loadMs)}</dd>
        </div>
      </dl>
      <Table caption="Tags of the entry" columns={['Tag', 'Version', mayAct && 'Actions']}>
        {entry.tags.map(({ key, current }) => {
          const name = tagOfVersion(tenant, key);
          return (
            <tr>
              <th scope="row">
                <code>{name ?? key}</code>
              </th>
              <td>{current ? 'current' : 'older'}</td>
              {mayAct && (
                <td>
                  {name && (
                    <a href={`/console/cache/invalidate?${new URLSearchParams({ tag: name, back })}`}>
                      Invalidate…<span class="hidden"> {name}</span>
                    </a>
                  )}
                </td>
              )}
            </tr>
          );
        })}
      </Table>
    </>
  );
}

/** Reads a tag as the console shows it: its parts, separated by colons. */
function partsOf(text: string | undefined): [string, ...string[]] {
  const [first = '', ...rest] = (text ?? '').trim().split(':').map(decode);
  const parts: [string, ...string[]] = [first, ...rest];
  if (parts.length <= 5 && parts.every((part) => part !== '' && part.length <= 100)) return parts;
  throw new ProblemError(400, 'NO_TAG', 'A tag has one to five parts, separated by colons, such as deals');
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export const invalidateQuestion: Question = {
  title: 'Invalidate a tag',
  async ask({ c, tenant }) {
    const text = partsOf(c.req.query('tag')).join(':');
    return {
      text: (
        <>
          Invalidate 1 tag, <code>{text}</code>, of the tenant {tenant.tenant}? Every entry with the tag ends, and the
          next read of each loads its value from the database.
        </>
      ),
      button: 'Invalidate 1 tag',
      fields: { tag: c.req.query('tag') ?? '' },
    };
  },
};

export const invalidate: Action = async (visit, { tag: text }) => {
  await invalidateTags(visit, [tag(...partsOf(text))]);
  return { done: 'tag-invalidated' };
};
