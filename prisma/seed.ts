/**
 * The demo data of the local cloud. Tenant acme has a realistic year of work that ends at the moment of seeding. Tenant
 * globex shows that tenants cannot see each other's data. Two runs with the same moment create the same rows, except for
 * the seals of the authenticator apps. The data
 * contains public API keys, so it is written only to a database without tenants.
 */
import { createHash } from 'node:crypto';
import { PrismaPg } from '@prisma/adapter-pg';
import { type Prisma, PrismaClient } from '#prisma';
import { demoTenants } from './demo.ts';
import { type CareRows, makeCare, makeDepartmentMembers } from './seed/care.ts';
import { type EventRow, makeDealEvents } from './seed/deal-events.ts';
import { makeFactors } from './seed/factors.ts';
import { type ActivityRow, makeActivities, makeNotifications, type NotificationRow } from './seed/feed.ts';
import { makeApiKeys, makeUsers, type UserRow, workers } from './seed/people.ts';
import {
  type CompanyRow,
  type ContactRow,
  type DealRow,
  makeCompanies,
  makeContacts,
  makeDeals,
} from './seed/sales.ts';
import type { Sealing } from './seed/sealing.ts';
import { type MemberRow, makeMembers, makeProjects, makeTasks, type ProjectRow, type TaskRow } from './seed/work.ts';
import { addDays, makeWorld, type World } from './seed/world.ts';

/** The number of rows of each kind in a tenant. */
interface Size {
  name: string;
  currency: string;
  users: Parameters<typeof makeUsers>[1];
  /** The users of the care area who are not clinicians. */
  careStaff: Parameters<typeof makeUsers>[1];
  companies: number;
  contacts: number;
  deals: number;
  projects: number;
  tasks: number;
  activities: number;
  notifications: number;
  patients: number;
}

const sizes: Record<(typeof demoTenants)[number], Size> = {
  acme: {
    name: 'Acme Corporation',
    currency: 'USD',
    users: { owner: 1, admin: 2, member: 16, clinician: 4, auditor: 2 },
    careStaff: { reception: 2, nurse: 2, biller: 1, care_auditor: 1 },
    companies: 60,
    contacts: 500,
    deals: 800,
    projects: 40,
    tasks: 600,
    activities: 400,
    notifications: 120,
    patients: 8,
  },
  globex: {
    name: 'Globex',
    currency: 'EUR',
    users: { owner: 1, member: 2, clinician: 1 },
    careStaff: {},
    companies: 3,
    contacts: 9,
    deals: 12,
    projects: 2,
    tasks: 10,
    activities: 20,
    notifications: 5,
    patients: 1,
  },
};

/**
 * The seed of the first user of the care area. These users have seeds of their own, so that all other rows are the same
 * with and without these users.
 */
const CARE_SEED = 101;

export interface TenantRows extends CareRows {
  tenant: Prisma.TenantCreateManyInput;
  users: UserRow[];
  apiKeys: Prisma.ApiKeyCreateManyInput[];
  companies: CompanyRow[];
  contacts: ContactRow[];
  deals: DealRow[];
  projects: ProjectRow[];
  members: MemberRow[];
  tasks: TaskRow[];
  activities: ActivityRow[];
  notifications: NotificationRow[];
  departmentMembers: Prisma.DepartmentMemberCreateManyInput[];
  events: EventRow[];
}

/** Options of {@link seedDatabase}. */
export interface SeedOptions {
  now?: Date;
  sealing?: Sealing;
  /**
   * Adds an outbox entry that wakes the consumer groups of the events, for a Redis that is older than the data. The
   * schedule `streams.wake` finds all groups by itself when Redis is new. Default false.
   */
  wake?: boolean;
}

/** The default: marks a text instead of sealing it. The application cannot open such a text. */
export const unsealed: Sealing = {
  seal: (text) => `unsealed:${text}`,
  digest: (text, kind, tenantId) => createHash('sha256').update(`${tenantId}/${kind}/${text}`).digest('hex'),
};

/** Creates all rows of one tenant as of `now`, without a database. */
export async function makeTenant(id: keyof typeof sizes, now: Date, sealing: Sealing): Promise<TenantRows> {
  const size = sizes[id];
  const world: World = makeWorld(id, demoTenants.indexOf(id) + 1, now);
  const createdAt = addDays(now, -730);
  const staffWorld = makeWorld(id, CARE_SEED + demoTenants.indexOf(id), now);
  const users = [...makeUsers(world, size.users), ...makeUsers(staffWorld, size.careStaff)];
  const staff = workers(users);
  const companies = makeCompanies(world, staff, size.companies);
  const contacts = makeContacts(world, companies, size.contacts);
  const deals = makeDeals(world, companies, contacts, size.deals);
  const projects = makeProjects(world, companies, staff, size.projects);
  const members = makeMembers(world, projects, staff);
  const tasks = makeTasks(world, { projects, members, deals, users: staff }, size.tasks);
  const clinicians = users.filter(({ role }) => role === 'clinician');
  const rows = {
    tenant: { id, name: size.name, currency: size.currency, createdAt, updatedAt: createdAt },
    users,
    apiKeys: makeApiKeys(world),
    companies,
    contacts,
    deals,
    projects,
    members,
    tasks,
    activities: makeActivities(world, { contacts, deals, tasks }, size.activities),
    notifications: makeNotifications(world, tasks, size.notifications),
    departmentMembers: makeDepartmentMembers(users, createdAt),
    ...(await makeCare(world, clinicians, { ...size, isOpen: id === 'acme' }, sealing)),
  };
  return { ...rows, events: makeDealEvents(world, deals) };
}

/**
 * Seeds an empty, migrated database over one connection, in one transaction. Returns whether rows were added: if the
 * database already has the demo tenants, nothing is changed.
 *
 * @param options.now when the demo's work ends, default the current time
 * @param options.sealing seals the sensitive columns; without it they contain marked plain text
 * @throws if the database has other tenants.
 */
export async function seedDatabase(connectionString: string, options: SeedOptions = {}): Promise<boolean> {
  const { now = new Date(), sealing = unsealed, wake = false } = options;
  const client = new PrismaClient({
    adapter: new PrismaPg({ connectionString, max: 1 }),
    errorFormat: 'minimal',
    // One transaction inserts everything. On a busy machine the transaction takes longer than Prisma's five seconds.
    transactionOptions: { maxWait: 60_000, timeout: 60_000 },
  });
  try {
    const present = (await client.tenant.findMany({ select: { id: true } })).map(({ id }) => id);
    if (demoTenants.some((id) => present.includes(id))) return false;
    if (present.length > 0) throw new Error('This database has tenants of its own; the demo data is not inserted.');
    const tenants = await Promise.all(demoTenants.map((id) => makeTenant(id, now, sealing)));
    const factors = await makeFactors(tenants.flatMap(({ users }) => users));
    const wakeUp = wake ? [client.$executeRawUnsafe(WAKE, now)] : [];
    await client.$transaction([
      ...tenants.flatMap((rows) => insertions(client, rows)),
      client.totpDevice.createMany({ data: factors }),
      ...wakeUp,
    ]);
    return true;
  } finally {
    await client.$disconnect();
  }
}

/** Publishes the last event of each tenant. A consumer group that is new reads all earlier events from the database. */
const WAKE = `
  INSERT INTO outbox (id, tenant_id, kind, payload, created_at, due_at)
  SELECT DISTINCT ON (tenant_id) 'out_seed_' || tenant_id, tenant_id, 'event', jsonb_build_object('stream', stream,
    'event', jsonb_build_object('id', id, 'key', key, 'version', version, 'type', type, 'schemaVersion', schema_version,
      'data', data, 'meta', meta, 'xid', xid::text, 'position', position::text, 'at', extract(epoch FROM at) * 1000)),
    $1::timestamp, $1::timestamp
  FROM events ORDER BY tenant_id, position DESC`;

/** Returns one statement per table, in an order in which every reference finds its row. */
function insertions(client: PrismaClient, rows: TenantRows): Prisma.PrismaPromise<unknown>[] {
  return [
    client.tenant.create({ data: rows.tenant }),
    client.user.createMany({ data: rows.users }),
    client.apiKey.createMany({ data: rows.apiKeys }),
    client.company.createMany({ data: rows.companies }),
    client.contact.createMany({ data: rows.contacts }),
    client.deal.createMany({ data: rows.deals }),
    client.project.createMany({ data: rows.projects }),
    client.projectMember.createMany({ data: rows.members }),
    client.task.createMany({ data: rows.tasks }),
    client.activity.createMany({ data: rows.activities }),
    client.notification.createMany({ data: rows.notifications }),
    client.event.createMany({ data: rows.events }),
    client.departmentMember.createMany({ data: rows.departmentMembers }),
    client.patient.createMany({ data: rows.patients }),
    client.medicalRecord.createMany({ data: rows.medicalRecords }),
    client.medicalRecordVersion.createMany({ data: rows.recordVersions }),
    client.appointment.createMany({ data: rows.appointments }),
    client.account.createMany({ data: rows.accounts }),
    client.ledgerTransaction.createMany({ data: rows.ledgerTransactions }),
    client.posting.createMany({ data: rows.postings }),
  ];
}
