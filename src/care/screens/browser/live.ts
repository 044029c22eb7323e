/**
 * Follows the visits of the department that the page shows, while the page is visible. Events have no names: the page
 * loads itself again by its own address, and such a load does not extend the session.
 */
import { connectFeeds, type FeedState, type Feeds } from '../../../platform/feeds/browser/index.ts';
import { showPage } from '../../../platform/pages/browser/index.ts';

const TOPIC = 'care-board';

/** Starts to follow the department in `#main`, if the page has one. */
export function followDepartment(): void {
  const department = document.getElementById('main')?.dataset['department'];
  const said = document.getElementById('live');
  if (department === undefined || !said) return;
  let feeds: Feeds | undefined;
  let isLoading = false;
  let isDue = false;

  async function load(): Promise<void> {
    isDue = true;
    if (isLoading) return;
    isLoading = true;
    while (isDue && feeds) {
      isDue = false;
      await showPage(location.href, { 'x-care-refresh': '1' }).catch(() => {});
    }
    isLoading = false;
  }

  function say(state: FeedState): void {
    if (said) said.textContent = SENTENCES[state];
    // Names must not stay on the screen of a user who has signed out.
    if (state === 'signed-out') location.assign('/sign-in');
  }

  function update(): void {
    if (!document.hidden === (feeds !== undefined)) return;
    if (feeds) {
      feeds.close();
      feeds = undefined;
      return;
    }
    feeds = connectFeeds({
      url: '/feeds',
      topics: [TOPIC],
      onEvent({ data }) {
        if ((data as { department?: string }).department === department) void load();
      },
      // The page is also loaded again at the start, because it may be older than the connection.
      onReset: () => void load(),
      onState: say,
      // A tab has a connection of its own. So a hidden tab never holds the connection of a visible one.
      parts: { locks: undefined },
    });
  }

  document.addEventListener('visibilitychange', update);
  update();
}

const SENTENCES: Readonly<Record<FeedState, string>> = {
  open: 'Live',
  connecting: 'Connecting…',
  waiting: 'No connection: the board may be old',
  refused: 'Not live: no right',
  'signed-out': 'Signed out',
  closed: '',
};
