/** A new era of the cache of all tenants: the link on the screen of the cache, the question and the action. For operators. */
import { startNewEra } from '../../platform/observe/index.ts';
import { operatorsOnly } from '../../platform/rest/index.ts';
import type { Action, Question } from '../screen.ts';

/** The section of the screen with the link to the question. */
export function NewEra({ back }: { back: string }) {
  return (
    <section>
      <h2>A new era</h2>
      <p class="soft">Ends every entry of the cache of all tenants, after PostgreSQL or Redis was restored.</p>
      <p>
        <a href={`/console/cache/new-era?${new URLSearchParams({ back })}`}>Begin a new era…</a>
      </p>
    </section>
  );
}

export const question: Question = {
  title: 'Begin a new era',
  async ask(visit) {
    operatorsOnly(visit);
    return {
      text: (
        <>
          Begin a new era for all tenants? No entry that was cached before is served again, and the next read of each
          loads its value from the database, so the database has more work until the cache is full again. Every user
          stays signed in. Copies of documents, guards and values of <code>cache.store</code> stay:{' '}
          <code>npm run redis:new-era</code> removes these too, and with <code>-- --restored</code> also old queues and
          sessions.
        </>
      ),
      button: 'Begin 1 era',
    };
  },
};

export const begin: Action = async (visit) => {
  await startNewEra(visit);
  return { done: 'era-begun' };
};
