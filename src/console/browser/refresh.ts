/**
 * The switch “Live”: while it is on and the page is visible, the page listens to the feeds of the console, and loads itself
 * again after a change. A hidden page has no connection and sends no request.
 */
import { connectFeeds, type Feeds } from '../../platform/feeds/browser/index.ts';

const KEPT = 'console.live';
/** A wake-up stands for the changes of the next 5 s too, so the page loads once more after that time. */
const AGAIN_MS = 5_500;

/** Shows the switch, and calls `show` after changes while the switch is on. */
export function refreshLive(show: () => Promise<void>): void {
  const label = document.getElementById('live');
  const box = label?.querySelector('input');
  const said = label?.querySelector('span');
  if (!label || !box || !said) return;
  let feeds: Feeds | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let changedAt = Number.NEGATIVE_INFINITY;

  function update(): void {
    const isWanted = box?.checked === true && !document.hidden;
    if (isWanted === (feeds !== undefined)) return;
    if (isWanted) feeds = listen();
    else stop();
  }

  function listen(): Feeds {
    return connectFeeds({
      url: '/feeds',
      topics: label?.dataset['topics']?.split(',') ?? [],
      onEvent: changed,
      // The page is also loaded again at the start of a topic, because it may be older than the connection.
      onReset: changed,
      onState(state) {
        if (said) said.textContent = state === 'open' || state === 'closed' ? '' : SENTENCES[state];
      },
      // A tab has a connection of its own. So a hidden tab never holds the connection of a visible one.
      parts: { locks: undefined },
    });
  }

  function stop(): void {
    const open = feeds;
    feeds = undefined;
    clearTimeout(timer);
    timer = undefined;
    open?.close();
  }

  function changed(): void {
    changedAt = Date.now();
    timer ??= setTimeout(load, 0);
  }

  async function load(): Promise<void> {
    if (!feeds) return;
    const startedAt = Date.now();
    if (!isUsed()) await show().catch(() => {});
    timer = changedAt + AGAIN_MS > startedAt || isUsed() ? setTimeout(load, AGAIN_MS) : undefined;
  }

  label.hidden = false;
  box.checked = sessionStorage.getItem(KEPT) === 'on';
  box.addEventListener('change', () => {
    sessionStorage.setItem(KEPT, box.checked ? 'on' : 'off');
    update();
  });
  document.addEventListener('visibilitychange', update);
  addEventListener('pagehide', stop);
  addEventListener('pageshow', update);
  update();
}

const SENTENCES = {
  connecting: '(connecting)',
  waiting: '(no connection)',
  'signed-out': '(signed out)',
  refused: '(refused)',
};

/** Whether the user fills in a form, or is asked a question: the page must not change then. */
function isUsed(): boolean {
  return document.activeElement?.closest('main form') != null || document.querySelector('form.question') !== null;
}
