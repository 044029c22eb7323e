/** The lists beside the board: changes of deals as they happen, and the notifications of this user. */
import { api, type Deal, type Notification } from './api.ts';
import { byId, element, setText } from './dom.ts';
import { hueOf, nameOf } from './people.ts';

const MOST_NEWS = 12;
const time = new Intl.DateTimeFormat('en', { timeStyle: 'medium' });
const dayAndTime = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short' });

/** Adds a change of a deal on top of the list. */
export async function addNews(verb: string, deal: Deal | null, actorId: string | null, self: string): Promise<void> {
  const who = actorId === null ? 'A program' : actorId === self ? 'You' : await nameOf(actorId);
  const what = verb === 'moved' && deal ? `moved ${deal.title} to ${deal.stage}` : `${verb} ${deal?.title ?? 'a deal'}`;
  const now = new Date();
  const item = element(
    'li',
    {},
    element('b', {}, who),
    ` ${what} `,
    element('time', { datetime: now.toISOString() }, time.format(now)),
  );
  if (actorId !== null) item.style.setProperty('--hue', String(hueOf(actorId)));
  const list = byId('news');
  list.prepend(item);
  while (list.childElementCount > MOST_NEWS) list.lastElementChild?.remove();
}

/** Shows the newest notifications, and how many of them are unread. */
export function showInbox(notifications: readonly Notification[]): void {
  const unread = notifications.filter(({ readAt }) => readAt === null).length;
  setText(byId('unread'), unread > 0 ? String(unread) : '');
  byId('inbox').replaceChildren(...notifications.map(itemOf));
}

function itemOf({ id, kind, title, readAt, createdAt }: Notification): HTMLElement {
  const text = kind === 'deal.won' ? `Won: ${title}` : title;
  const at = element('time', { datetime: createdAt }, dayAndTime.format(new Date(createdAt)));
  const item = element('li', { 'data-id': id, class: readAt === null ? 'unread' : '' }, `${text} `, at);
  if (readAt !== null) return item;
  const button = element('button', { type: 'button', 'aria-label': `Mark as read: ${text}` }, '✓');
  button.addEventListener('click', () => void api.markRead(id).catch(() => {}));
  item.append(button);
  return item;
}
