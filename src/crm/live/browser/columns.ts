/**
 * The columns of the board. Each deal has a card. The user moves a card to another stage with buttons, keys or the
 * mouse.
 */
import type { Deal, Pipeline } from './api.ts';
import { byId, element, setText, within } from './dom.ts';

const sections = [...byId('board').querySelectorAll<HTMLElement>('section')];
const stages = sections.map((section) => section.dataset['stage'] ?? '');
const cards = new Map<string, HTMLElement>();
/** The media type of a dragged card. */
const DRAGGED = 'application/x-deal';

let currency = 'EUR';

function money(value: string): string {
  return new Intl.NumberFormat('en', { style: 'currency', currency, maximumFractionDigits: 0 }).format(Number(value));
}

/** Calls `move` when the user moves a card, by a button or by dragging. */
export function onMove(move: (id: string, stage: string) => void): void {
  const board = byId('board');
  board.addEventListener('click', ({ target }) => {
    const button = target instanceof Element ? target.closest('button') : null;
    const id = button?.closest('li')?.dataset['id'];
    if (id && button?.dataset['to']) move(id, button.dataset['to']);
  });
  board.addEventListener('dragstart', ({ target, dataTransfer }) => {
    const id = target instanceof HTMLElement ? target.dataset['id'] : undefined;
    if (id) dataTransfer?.setData(DRAGGED, id);
  });
  for (const [at, section] of sections.entries()) {
    section.addEventListener('dragover', (event) => {
      if (!event.dataTransfer?.types.includes(DRAGGED)) return;
      event.preventDefault();
      section.classList.add('target');
    });
    for (const end of ['dragleave', 'drop']) section.addEventListener(end, () => section.classList.remove('target'));
    section.addEventListener('drop', (event) => {
      event.preventDefault();
      const id = event.dataTransfer?.getData(DRAGGED);
      if (id) move(id, stages[at] ?? '');
    });
  }
}

/** Sets the currency of all amounts, ISO 4217. */
export function useCurrency(code: string): void {
  currency = code;
}

/** Shows the counts and sums. */
export function showPipeline(pipeline: Pipeline): void {
  for (const { stage, count, value } of pipeline.stages) {
    const section = sectionOf(stage);
    if (!section) continue;
    setText(within(section, '.count'), String(count));
    setText(within(section, '.value'), money(value));
    const more = count - within(section, '.cards').childElementCount;
    setText(within(section, '.more'), more > 0 ? `and ${more} more` : '');
  }
  setText(byId('total'), `${pipeline.total.count} deals · ${money(pipeline.total.value)}`);
}

/** Shows the cards of a column, and removes its cards that are not listed. */
export function showColumn(stage: string, deals: readonly Deal[]): void {
  const section = sectionOf(stage);
  if (!section) return;
  const listed = deals.map((deal) => cardOf(deal));
  for (const old of within(section, '.cards').children) {
    if (!listed.includes(old as HTMLElement)) cards.delete((old as HTMLElement).dataset['id'] ?? '');
  }
  within(section, '.cards').replaceChildren(...listed);
}

/**
 * Puts the card of a deal on top of the column. With `hue`, marks the card in the colour of the user who moved the
 * deal.
 */
export function showMoved(deal: Deal, hue: number | null): void {
  const card = cardOf(deal);
  const list = sectionOf(deal.stage)?.querySelector('.cards');
  const focused = card.contains(document.activeElement) ? document.activeElement : null;
  if (card.parentElement !== list) list?.prepend(card);
  if (focused instanceof HTMLButtonElement) (focused.disabled ? card : focused).focus();
  if (hue === null) return;
  card.style.setProperty('--hue', String(hue));
  card.classList.remove('moved');
  // The class is added again in the next frame, so that the browser repeats the animation.
  requestAnimationFrame(() => card.classList.add('moved'));
}

/** Removes a deal. */
export function removeDeal(id: string): void {
  cards.get(id)?.remove();
  cards.delete(id);
}

/** Returns the stages, in the order of a sale. */
export function allStages(): readonly string[] {
  return stages;
}

function sectionOf(stage: string): HTMLElement | undefined {
  return sections[stages.indexOf(stage)];
}

function cardOf(deal: Deal): HTMLElement {
  const card = cards.get(deal.id) ?? newCard(deal.id);
  const at = stages.indexOf(deal.stage);
  setText(within(card, '.title'), deal.title);
  setText(within(card, '.amount'), money(deal.value));
  for (const [selector, to] of [
    ['.back', stages[at - 1]],
    ['.on', stages[at + 1]],
  ] as const) {
    const button = within(card, selector) as HTMLButtonElement;
    button.disabled = to === undefined;
    button.dataset['to'] = to ?? '';
    button.setAttribute('aria-label', to === undefined ? 'No further stage' : `Move ${deal.title} to ${to}`);
  }
  card.dataset['stage'] = deal.stage;
  return card;
}

function newCard(id: string): HTMLElement {
  const card = element(
    'li',
    { 'data-id': id, draggable: 'true', tabindex: '-1' },
    element('p', { class: 'title' }),
    element(
      'div',
      {},
      element('span', { class: 'amount' }),
      element('button', { class: 'back', type: 'button' }, '←'),
      element('button', { class: 'on', type: 'button' }, '→'),
    ),
  );
  cards.set(id, card);
  return card;
}
