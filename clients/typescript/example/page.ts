/** An example: a page of the API's own origin that lists the open deals, wins one, and shows changes as they happen. */
import { createHoldfast, HoldfastError, type Schemas } from '../src/index.ts';

const api = createHoldfast();
const list = document.querySelector('#deals') as HTMLUListElement;
const message = document.querySelector('#message') as HTMLParagraphElement;

/** Wins a deal as it is shown. If another user has changed it, the page says so. */
async function win(deal: Schemas['Deal']): Promise<void> {
  try {
    await api.deals.update({ id: deal.id, body: { stage: 'won' } }, { ifMatch: deal });
    message.textContent = `${deal.title} is won`;
  } catch (error) {
    if (!(error instanceof HoldfastError)) throw error;
    message.textContent = `${error.code} ${error.requestId}`;
  }
}

async function show(): Promise<void> {
  const items: HTMLLIElement[] = [];
  for await (const { id } of api.deals.list({ stage: 'lead', limit: 2 })) {
    const deal = await api.deals.get({ id });
    const item = document.createElement('li');
    const button = document.createElement('button');
    button.textContent = `Win ${deal.title}`;
    button.addEventListener('click', () => void win(deal));
    item.append(`${deal.title} (${deal.value}) `, button);
    items.push(item);
  }
  list.replaceChildren(...items);
}

// The first event is the reset at the start.
for await (const _event of api.feeds.listen({ topics: ['deals'] })) await show();
message.textContent = 'Signed out';
