/**
 * The script of `/live`. Live events name the rows that changed, and the board reads these rows again through the API.
 */
import { connectFeeds, type FeedEvent, type FeedState } from '../../../platform/feeds/browser/index.ts';
import { ApiError, api, type Deal } from './api.ts';
import { allStages, onMove, removeDeal, showColumn, showMoved, showPipeline, useCurrency } from './columns.ts';
import { byId, setText } from './dom.ts';
import { addNews, showInbox } from './news.ts';
import { hueOf, showPeople } from './people.ts';

const self = document.documentElement.dataset['user'] ?? '';
/**
 * The ids of the deals that moved while the page was open. The board keeps showing these deals, even if they are not
 * among the newest deals of a column.
 */
const followed = new Set<string>();
let isLoaded = false;

async function loadBoard(): Promise<void> {
  isLoaded = true;
  const stages = allStages();
  const [pipeline, ...columns] = await Promise.all([api.pipeline(), ...stages.map((stage) => api.deals(stage))]);
  useCurrency(pipeline.currency);
  for (const [at, stage] of stages.entries()) showColumn(stage, columns[at] ?? []);
  for (const id of followed) await refresh(id, null);
  showPipeline(pipeline);
}

async function loadInbox(): Promise<void> {
  showInbox(await api.notifications());
}

/** Reads a deal again and shows the deal. Returns `null` if the deal no longer exists. */
async function refresh(id: string, hue: number | null): Promise<Deal | null> {
  try {
    const deal = await api.deal(id);
    showMoved(deal, hue);
    return deal;
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 404) throw error;
    removeDeal(id);
    return null;
  }
}

async function onDeal({ type, id = '', actorId }: FeedEvent['data']): Promise<void> {
  const actor = typeof actorId === 'string' ? actorId : null;
  followed.add(id);
  const [deal, pipeline] = await Promise.all([refresh(id, actor === null ? null : hueOf(actor)), api.pipeline()]);
  showPipeline(pipeline);
  await addNews(type.slice('deal.'.length), deal, actor, self);
}

/** Runs work whose failure the user must see. */
function attempt(work: () => Promise<unknown>): void {
  const problem = byId('problem');
  work().then(
    () => {
      problem.hidden = true;
    },
    (error: unknown) => {
      problem.hidden = false;
      setText(
        problem,
        error instanceof ApiError ? error.message : 'The server cannot be reached. Nothing was changed.',
      );
    },
  );
}

const TEXTS: Record<FeedState, string> = {
  connecting: 'Connecting',
  open: 'Live',
  waiting: 'No connection: trying again',
  'signed-out': 'Signed out',
  refused: 'No access to live updates',
  closed: 'Closed',
};

function showState(state: FeedState): void {
  const target = byId('state');
  target.dataset['state'] = state;
  target.replaceChildren(document.createElement('span'), TEXTS[state]);
  if (state === 'signed-out') {
    byId('board').inert = true;
    const link = document.createElement('a');
    link.href = '/sign-in';
    link.textContent = 'Sign in again';
    byId('problem').hidden = false;
    byId('problem').replaceChildren('You have signed out. ', link);
  }
  // The board loads the current state even if there are no live updates yet.
  if (state === 'waiting' && !isLoaded) attempt(() => Promise.all([loadBoard(), loadInbox()]));
}

const feeds = connectFeeds({
  url: '/feeds',
  // Tabs share a connection only if they belong to the same user: after a sign-in of another user, tabs of the first
  // user may stay open for a moment.
  shareAs: `/feeds ${self}`,
  topics: ['deals', 'inbox'],
  onEvent: ({ topic, data }) => attempt(() => (topic === 'deals' ? onDeal(data) : loadInbox())),
  onReset: ({ topic }) => attempt(topic === 'deals' ? loadBoard : loadInbox),
  onPresence: ({ topic, userIds }) => {
    if (topic === 'deals') attempt(() => showPeople(userIds, self));
  },
  onState: showState,
});

onMove((id, stage) => {
  attempt(async () => {
    followed.add(id);
    showMoved(await api.move(id, stage), null);
  });
});
byId('sign-out').addEventListener('submit', () => feeds.signedOut());
