/** The search of the site: words in, links to sections out, without a server. */
import MiniSearch from 'minisearch';
import { type Found, SEARCH_OPTIONS } from '../search-index.ts';

declare global {
  /** The index, which `assets/search-index.js` sets. */
  var holdfastSearch: string | undefined;
}

const MOST_RESULTS = 12;
const root = document.currentScript?.dataset['root'] || '.';
const input = document.querySelector<HTMLInputElement>('#search');
const results = document.querySelector<HTMLElement>('#results');
let index: Promise<MiniSearch<Found>> | undefined;

function load(): Promise<MiniSearch<Found>> {
  index ??= new Promise((done, fail) => {
    const script = document.createElement('script');
    script.src = `${root}/assets/search-index.js`;
    script.onload = () => done(MiniSearch.loadJSON(globalThis.holdfastSearch ?? '', SEARCH_OPTIONS));
    script.onerror = () => fail(new Error('The index of the search is missing'));
    document.head.append(script);
  });
  return index;
}

async function show(): Promise<void> {
  if (input === null || results === null) return;
  const words = input.value.trim();
  if (words === '') {
    results.hidden = true;
    return;
  }
  const found = (await load()).search(words).slice(0, MOST_RESULTS);
  // Another letter may have been typed while the index was loaded.
  if (words !== input.value.trim()) return;
  const list = document.createElement('ul');
  for (const { title, heading, address } of found) {
    const link = document.createElement('a');
    link.href = `${root}/${address}`;
    link.textContent = heading;
    const page = document.createElement('small');
    page.textContent = title;
    if (title !== heading) link.append(page);
    const item = document.createElement('li');
    item.append(link);
    list.append(item);
  }
  const told = document.createElement('p');
  told.role = 'status';
  told.textContent = found.length === 0 ? 'Nothing found' : '';
  results.replaceChildren(told, list);
  results.hidden = false;
}

/** Moves the focus through the field and its results. */
function move(by: number): void {
  const stops = [...document.querySelectorAll<HTMLElement>('#search, #results a')];
  const at = stops.findIndex((stop) => stop.matches(':focus'));
  stops[Math.min(Math.max(at + by, 0), stops.length - 1)]?.focus();
}

input?.addEventListener('input', () => void show());
input?.addEventListener('focus', () => void load());
document.addEventListener('keydown', (event) => {
  const isInSearch = event.target instanceof Element && event.target.closest('search') !== null;
  if (event.key === '/' && !isInSearch) input?.focus();
  else if (isInSearch && event.key === 'ArrowDown') move(1);
  else if (isInSearch && event.key === 'ArrowUp') move(-1);
  else if (isInSearch && event.key === 'Enter' && event.target === input) results?.querySelector('a')?.click();
  else if (isInSearch && event.key === 'Escape' && results !== null) results.hidden = true;
  else return;
  event.preventDefault();
});
document.addEventListener('click', ({ target }) => {
  const isOutside = !(target instanceof Element) || target.closest('search') === null;
  if (isOutside && results !== null) results.hidden = true;
});
// On a narrow screen the list of pages would cover the page.
if (matchMedia('(max-width: 50rem)').matches) document.querySelector('.pages')?.removeAttribute('open');
