/** The people who look at the board, and the names of users. */
import { api } from './api.ts';
import { byId, element } from './dom.ts';

const names = new Map<string, Promise<string>>();

/** Returns the name of a user. */
export function nameOf(userId: string): Promise<string> {
  const known = names.get(userId);
  if (known) return known;
  const asked = api.user(userId).then(
    ({ name }) => name,
    () => {
      names.delete(userId);
      return 'Another user';
    },
  );
  names.set(userId, asked);
  return asked;
}

/** Returns the hue of a user, the same in every browser. */
export function hueOf(userId: string): number {
  return [...userId].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 360, 7);
}

let latest = 0;

/** Shows who looks at the board, this user first. */
export async function showPeople(userIds: readonly string[], self: string): Promise<void> {
  latest += 1;
  const turn = latest;
  const ordered = [...new Set(userIds)].sort((a, b) => Number(b === self) - Number(a === self) || (a < b ? -1 : 1));
  const shown = await Promise.all(ordered.map(async (id) => ({ id, name: await nameOf(id) })));
  if (turn !== latest) return;
  byId('people').replaceChildren(...shown.map(({ id, name }) => avatar(id, id === self ? `${name} (you)` : name)));
}

function avatar(id: string, name: string): HTMLElement {
  const initials = name
    .replace(/\(.*/, '')
    .split(/\s+/)
    .map((word) => word.charAt(0))
    .join('')
    .slice(0, 2);
  const made = element(
    'li',
    { 'data-user': id, title: name },
    element('span', { 'aria-hidden': 'true' }, initials),
    element('span', { class: 'hidden' }, name),
  );
  // The content security policy forbids inline styles, but allows styles that a script sets in this way.
  made.style.setProperty('--hue', String(hueOf(id)));
  return made;
}
