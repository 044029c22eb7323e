/**
 * The demo tenant's data, and the subjects of sessions. The draws are skewed as in practice: a few companies get most
 * of the views (Zipf's law), and a session stays with one company and the data of this company.
 */
import { Client } from 'pg';
import type { Random } from '../../dev/random/seeded.ts';
import { demoKeys } from '../../prisma/demo.ts';
import { zipf } from '../measure/random.ts';

export const demoKey = demoKeys.acme;
export const demoTenant = 'acme';
const stages = ['lead', 'qualified', 'proposal', 'negotiation', 'won', 'lost'] as const;

/** The subject of a session. */
export interface Focus {
  user: string;
  company: string;
  contact: string;
  deal: string;
  project: string;
  task: string;
  stage: (typeof stages)[number];
  /** A number that is different for each focus. */
  number: number;
}

interface Owned {
  id: string;
  owner: string | null;
}

/** The ids of the demo tenant's rows. */
export interface World {
  users: string[];
  companies: string[];
  contacts: Owned[];
  deals: Owned[];
  projects: Owned[];
  tasks: Owned[];
}

/** Reads the ids of the demo tenant's rows. */
export async function readWorld(connectionString: string): Promise<World> {
  const client = new Client({ connectionString });
  await client.connect();
  const select = async (table: string, owner: string): Promise<Owned[]> => {
    const sql = `SELECT id, ${owner} AS owner FROM ${table} WHERE tenant_id = $1 ORDER BY id`;
    return (await client.query<Owned>(sql, [demoTenant])).rows;
  };
  try {
    const ids = (rows: Owned[]) => rows.map(({ id }) => id);
    return {
      users: ids(await select('users', 'NULL')),
      companies: ids(await select('companies', 'NULL')),
      contacts: await select('contacts', 'company_id'),
      deals: await select('deals', 'company_id'),
      projects: await select('projects', 'company_id'),
      tasks: await select('tasks', 'project_id'),
    };
  } finally {
    await client.end();
  }
}

/** Returns functions that draw the subject of a new session, and the next subject within a session. */
export function attention(world: World, random: Random) {
  const users = zipf(world.users, random, 0.6);
  const companies = zipf(world.companies, random);
  const anyProject = zipf(world.projects, random);
  let number = 0;
  const within = (rows: readonly Owned[], owner: string | null): Owned => {
    const own = rows.filter((row) => row.owner === owner);
    const from = own.length > 0 ? own : rows;
    // The first few items of a company get most of its views.
    const row = from[Math.floor(from.length * random() ** 3)];
    if (!row) throw new Error('The demo data is incomplete');
    return row;
  };
  const look = (user: string, company: string): Focus => {
    const own = world.projects.some(({ owner }) => owner === company) && random() < 0.5;
    const project = (own ? within(world.projects, company) : anyProject()).id;
    number += 1;
    return {
      user,
      company,
      contact: within(world.contacts, company).id,
      deal: within(world.deals, company).id,
      project,
      task: within(world.tasks, project).id,
      stage: stages[Math.floor(random() * stages.length)] ?? 'lead',
      number,
    };
  };
  return { begin: () => look(users(), companies()), next: ({ user, company }: Focus) => look(user, company) };
}
