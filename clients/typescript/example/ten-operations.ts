/** A morning of a sales desk: a file that uses ten operations. A test counts the cost of checking its types. */
import { createHoldfast, HoldfastError, type Schemas } from '../src/index.ts';

const api = createHoldfast({ baseUrl: 'https://api.example.com', apiKey: 'hf_acme_demo00000001_secret' });

/** Returns the titles of the deals that are won, from all pages. */
export async function wonDeals(): Promise<string[]> {
  const titles: string[] = [];
  for await (const deal of api.deals.list({ stage: 'won' })) titles.push(deal.title);
  return titles;
}

/** Adds a company with a contact and a deal. */
export async function addCustomer(name: string, person: string): Promise<Schemas['Deal']> {
  const company = await api.companies.create({ body: { name } });
  const contact = await api.contacts.create({ body: { name: person, companyId: company.id } });
  const deal = await api.deals.create({
    body: { title: `First order of ${name}`, value: '1200.00', companyId: company.id, contactId: contact.id },
  });
  await api.tasks.create({ body: { title: `Call ${person}`, dealId: deal.id, priority: 'high' } });
  return deal;
}

/** Moves a deal on, unless another user has changed it; then returns the deal as it is now. */
export async function moveOn(id: string): Promise<Schemas['Deal']> {
  const deal = await api.deals.get({ id });
  try {
    return await api.deals.update({ id, body: { stage: 'qualified' } }, { ifMatch: deal });
  } catch (error) {
    if (error instanceof HoldfastError && error.code === 'PRECONDITION_FAILED') return error.current as Schemas['Deal'];
    throw error;
  }
}

/** Returns all contacts as CSV. */
export async function contactsAsFile(): Promise<string> {
  const { id } = await api.exports.createContacts();
  const { status } = await api.waitFor(() => api.exports.get({ id }));
  if (status !== 'done') throw new Error(`The export ended as ${status}`);
  return api.exports.download({ id });
}

/** Calls a function when a deal changes, until the signal aborts. */
export async function watchDeals(onChange: (id: string | undefined) => void, signal: AbortSignal): Promise<void> {
  for await (const event of api.feeds.listen({ topics: ['deals'] }, { signal })) {
    onChange(event.kind === 'event' ? event.data.id : undefined);
  }
}

/** The mistakes that the compiler finds. */
export function mistakes(): unknown[] {
  return [
    // @ts-expect-error: no such stage
    api.deals.list({ stage: 'sold' }),
    // @ts-expect-error: no such filter
    api.deals.list({ colour: 'red' }),
    // @ts-expect-error: this operation has no values
    api.dashboard.get({ colour: 'red' }),
    // @ts-expect-error: the id is missing
    api.deals.get(),
    // @ts-expect-error: the value is missing
    api.deals.create({ body: { title: 'Nets' } }),
    // @ts-expect-error: no such operation
    api.deals.sell,
    // @ts-expect-error: one deal is no list
    api.deals.get({ id: 'deal_1' })[Symbol.asyncIterator],
  ];
}
