/** The requests that users of the CRM make, and how often each is made. */

import { type Random, weighted } from '../random/seeded.ts';

/** A request. */
export interface Action {
  method: 'GET' | 'PATCH';
  path: string;
  /** The pattern of the route, under which the server counts the request. */
  route: string;
  body?: unknown;
}

/** The ids of a tenant's rows. */
export interface Rows {
  companies: readonly string[];
  contacts: readonly string[];
  deals: readonly string[];
}

const STAGES = ['lead', 'qualified', 'proposal', 'negotiation'] as const;

/** Draws from a list, and prefers its first elements. */
type Pick = <Item>(from: readonly Item[]) => Item;

const MIX: readonly { weight: number; make(rows: Rows, pick: Pick): Action }[] = [
  { weight: 26, make: () => get('/deals') },
  { weight: 8, make: (_, pick) => ({ ...get('/deals'), path: `/deals?stage=${pick(STAGES)}` }) },
  { weight: 12, make: () => get('/dashboard') },
  { weight: 8, make: () => get('/deals/pipeline') },
  { weight: 8, make: () => get('/tasks') },
  { weight: 8, make: () => get('/contacts') },
  { weight: 8, make: ({ companies }, pick) => get('/companies/:id/full', pick(companies)) },
  { weight: 7, make: ({ contacts }, pick) => get('/contacts/:id', pick(contacts)) },
  { weight: 7, make: ({ deals }, pick) => get('/deals/:id', pick(deals)) },
  { weight: 6, make: () => get('/notifications/unread') },
  { weight: 2, make: ({ deals }, pick) => moveDeal(pick(deals), pick(STAGES)) },
];

/** Draws the next action of a user. */
export function drawAction(rows: Rows, random: Random): Action {
  const pick: Pick = (from) => from[Math.floor(from.length * random() ** 3)] as (typeof from)[number];
  return weighted(MIX, random).make(rows, pick);
}

function get(pattern: string, id = ''): Action {
  return { method: 'GET', path: pattern.replace(':id', id), route: `GET ${pattern}` };
}

function moveDeal(id: string, stage: string): Action {
  return { method: 'PATCH', path: `/deals/${id}`, route: 'PATCH /deals/:id', body: { stage } };
}
