/**
 * The rows of a tenant of any size, as statements that PostgreSQL runs by itself: no row is sent over the network.
 * Every choice is a hash of the row's number and of a salt, so the same size gives the same rows on any machine. Two
 * databases of different sizes have companies, contacts and projects of the same size, but more of them; the users are
 * as many in both, so a user's share of the rows grows with the tenant.
 */
import { demoPassword } from '../../prisma/demo.ts';

/** The numbers of rows of a tenant. */
export interface Size {
  users: number;
  companies: number;
  contacts: number;
  deals: number;
  projects: number;
  tasks: number;
  activities: number;
  /** Notifications, deliveries of webhooks, entries of the audit trail: a tenth of the deals. */
  notices: number;
  /** Imports and exports: a thousandth of the deals. */
  files: number;
}

/** Returns the numbers of rows of a tenant with `deals` deals. */
export function sizeOf(deals: number): Size {
  const share = (part: number, least: number) => Math.max(least, Math.floor(deals / part));
  return {
    users: 25,
    companies: share(20, 1),
    contacts: share(2, 1),
    deals,
    projects: share(100, 2),
    tasks: deals,
    activities: 2 * deals,
    notices: share(10, 2),
    files: share(1_000, 2),
  };
}

/** Returns the id of a row: as long as the ids of the API, and in the order of the numbers. */
export function idOf(prefix: string, number: number): string {
  return `${prefix}_01J${String(number).padStart(23, '0')}`;
}

/** The address with which the first user of a tenant signs in. */
export const ownerOf = (tenant: string): string => `owner@${tenant}.example`;

/** Functions of the database session, which the statements of {@link rowsOf} call. */
export const FUNCTIONS = `
  CREATE FUNCTION pg_temp.id(prefix text, number bigint) RETURNS text LANGUAGE sql IMMUTABLE
    RETURN prefix || '_01J' || lpad(number::text, 23, '0');
  CREATE FUNCTION pg_temp.draw(number bigint, salt int, choices bigint) RETURNS bigint LANGUAGE sql IMMUTABLE
    RETURN abs(hashint8extended(number, salt) % choices);
  CREATE FUNCTION pg_temp.word(number bigint, salt int) RETURNS text LANGUAGE sql IMMUTABLE
    RETURN (ARRAY['Amber','Birch','Cedar','Delta','Ember','Fjord','Grove','Harbour','Indigo','Juniper','Kelp','Lagoon',
      'Maple','Nordic','Orchid','Pine','Quartz','River','Summit','Tidal','Umber','Vale','Willow','Xenon','Yarrow',
      'Zephyr'])[1 + abs(hashint8extended(number, salt) % 26)];`;

/** Three years in which a tenant's rows came about, in days. */
const DAYS = 1_095;

/** Returns the statements that add a tenant with its rows, as of the moment `now`, in the order of their references. */
export function rowsOf(tenant: string, size: Size, now: string): string[] {
  const t = `'${tenant}'`;
  const moment = `'${now}'::timestamp`;
  /** The time at which row i of `count` came about. */
  const at = (count: number) => `${moment} - interval '1 day' * (${DAYS} * (1 - i::float8 / ${count}))`;
  const user = (salt: number) => `pg_temp.id('user', 1 + pg_temp.draw(i, ${salt}, ${size.users}))`;
  const series = (count: number) => `generate_series(1, ${count}) AS i`;
  const company = `pg_temp.id('company', 1 + i % ${size.companies})`;
  const stages =
    "ARRAY['lead','lead','lead','qualified','qualified','proposal','proposal','negotiation','won','won','lost']";
  const statuses = "ARRAY['todo','todo','todo','doing','blocked','done','done','done','done','cancelled']";
  return [
    `INSERT INTO tenants (id, name, currency, created_at, updated_at)
     VALUES (${t}, ${t}, 'EUR', ${moment} - interval '${DAYS} days', ${moment})`,
    `INSERT INTO users (tenant_id, id, email, name, role, password_hash, verified_at, created_at, updated_at)
     SELECT ${t}, pg_temp.id('user', i), CASE WHEN i = 1 THEN '${ownerOf(tenant)}' ELSE 'user' || i || '@${tenant}.example' END,
       pg_temp.word(i, 1) || ' ' || pg_temp.word(i, 2), (CASE WHEN i = 1 THEN 'owner' ELSE 'member' END)::user_role,
       CASE WHEN i = 1 THEN '${demoPassword.hash}' END, ${moment}, ${at(size.users)}, ${moment}
     FROM ${series(size.users)}`,
    `INSERT INTO companies (tenant_id, id, name, domain, industry, employees, city, country, owner_id, created_at, updated_at)
     SELECT ${t}, pg_temp.id('company', i), pg_temp.word(i, 3) || ' ' || pg_temp.word(i, 4) || ' ' || i, 'company' || i || '.example',
       pg_temp.word(i, 5), 1 + pg_temp.draw(i, 6, 5000), pg_temp.word(i, 7), 'DE', ${user(8)}, ${at(size.companies)}, ${moment}
     FROM ${series(size.companies)}`,
    `INSERT INTO contacts (tenant_id, id, company_id, name, email, phone, owner_id, created_at, updated_at)
     SELECT ${t}, pg_temp.id('contact', i), ${company}, pg_temp.word(i, 9) || ' ' || pg_temp.word(i, 10) || ' ' || i,
       lower(pg_temp.word(i, 9)) || i || '@company.example', '+49 30 ' || (100000 + pg_temp.draw(i, 11, 900000)), ${user(12)},
       ${at(size.contacts)}, ${moment}
     FROM ${series(size.contacts)}`,
    `INSERT INTO deals (tenant_id, id, title, stage, value, company_id, contact_id, owner_id, expected_close_date, closed_at,
       created_at, updated_at)
     SELECT ${t}, pg_temp.id('deal', i), pg_temp.word(i, 13) || ' ' || pg_temp.word(i, 14), stage::deal_stage,
       1000 + pg_temp.draw(i, 15, 100000), ${company}, pg_temp.id('contact', 1 + i % ${size.contacts}), ${user(17)},
       (at + interval '60 days')::date, CASE WHEN stage IN ('won', 'lost') THEN
         least(at + interval '1 day' * (1 + pg_temp.draw(i, 18, 90)), ${moment}) END, at, ${moment}
     FROM (SELECT i, ${at(size.deals)} AS at, (${stages})[1 + pg_temp.draw(i, 16, 11)] AS stage FROM ${series(size.deals)}) AS rows`,
    `INSERT INTO projects (tenant_id, id, name, status, company_id, owner_id, due_date, created_at, updated_at)
     SELECT ${t}, pg_temp.id('project', i), pg_temp.word(i, 19) || ' ' || i,
       (ARRAY['planned','active','active','paused','done','cancelled'])[1 + pg_temp.draw(i, 20, 6)]::project_status,
       ${company}, ${user(21)}, (${at(size.projects)} + interval '90 days')::date, ${at(size.projects)}, ${moment}
     FROM ${series(size.projects)}`,
    `INSERT INTO project_members (tenant_id, project_id, user_id, role, created_at, updated_at)
     SELECT ${t}, pg_temp.id('project', i), pg_temp.id('user', 1 + (pg_temp.draw(i, 22, ${size.users}) + m) % ${size.users}),
       'contributor', ${at(size.projects)}, ${moment}
     FROM ${series(size.projects)}, generate_series(0, 3) AS m`,
    // One task in a hundred belongs to the first project, so this project grows with the tenant.
    `INSERT INTO tasks (tenant_id, id, title, status, priority, due_date, completed_at, assignee_id, project_id, deal_id,
       created_at, updated_at)
     SELECT ${t}, pg_temp.id('task', i), pg_temp.word(i, 23) || ' ' || pg_temp.word(i, 24), status::task_status, 'normal',
       CASE WHEN pg_temp.draw(i, 25, 20) > 0 THEN ${moment}::date + (pg_temp.draw(i, 26, 141) - 60)::int END,
       CASE WHEN status = 'done' THEN least(at + interval '1 day' * pg_temp.draw(i, 27, 60), ${moment}) END, ${user(28)},
       CASE WHEN pg_temp.draw(i, 29, 100) = 0 THEN pg_temp.id('project', 1)
         ELSE pg_temp.id('project', 2 + pg_temp.draw(i, 30, ${size.projects - 1})) END,
       pg_temp.id('deal', 1 + pg_temp.draw(i, 31, ${size.deals})), at, ${moment}
     FROM (SELECT i, ${at(size.tasks)} AS at, (${statuses})[1 + pg_temp.draw(i, 32, 10)] AS status FROM ${series(size.tasks)}) AS rows`,
    `INSERT INTO activities (tenant_id, id, actor_id, verb, entity_type, entity_id, data, occurred_at, created_at)
     SELECT ${t}, pg_temp.id('activity', i), ${user(33)},
       (ARRAY['created','updated','updated','commented'])[1 + pg_temp.draw(i, 34, 4)], type,
       pg_temp.id(type, 1 + pg_temp.draw(i, 36, CASE type WHEN 'deal' THEN ${size.deals} WHEN 'contact' THEN ${size.contacts}
         WHEN 'company' THEN ${size.companies} ELSE ${size.tasks} END)), '{}', ${at(size.activities)}, ${at(size.activities)}
     FROM (SELECT i, (ARRAY['deal','deal','task','contact','company'])[1 + pg_temp.draw(i, 35, 5)] AS type
       FROM ${series(size.activities)}) AS rows`,
    // Every day but the last is rolled up, as the nightly job leaves it.
    `INSERT INTO activity_days (tenant_id, day, actor_id, entity_type, verb, count)
     SELECT tenant_id, occurred_at::date, coalesce(actor_id, ''), entity_type, verb, count(*) FROM activities
     WHERE tenant_id = ${t} AND occurred_at < ${moment}::date GROUP BY 1, 2, 3, 4, 5`,
    `INSERT INTO activity_sums (tenant_id, time_zone, grain, day, actor_id, entity_type, verb, count)
     SELECT tenant_id, time_zone,
       CASE WHEN grouping(actor_id) = 0 THEN 'person' WHEN grouping(verb) = 0 THEN 'kind' ELSE 'day' END,
       day, coalesce(actor_id, ''), coalesce(entity_type, ''), coalesce(verb, ''), sum(count) FROM activity_days
     WHERE tenant_id = ${t} GROUP BY tenant_id, time_zone, day, GROUPING SETS ((), (actor_id), (entity_type, verb))`,
    `INSERT INTO deal_moves (tenant_id, generation, deal_id, version, stage, value, actor_id, moved_at)
     SELECT tenant_id, 1, id, 1, stage, value, owner_id, created_at FROM deals WHERE tenant_id = ${t}`,
    `INSERT INTO deal_closings (tenant_id, generation, deal_id, won, value, created_at, closed_at)
     SELECT tenant_id, 1, id, stage = 'won', value, created_at, closed_at FROM deals
     WHERE tenant_id = ${t} AND closed_at IS NOT NULL`,
    `INSERT INTO notifications (tenant_id, id, user_id, kind, title, read_at, created_at, updated_at)
     SELECT ${t}, pg_temp.id('note', i), ${user(37)}, 'task.assigned', pg_temp.word(i, 38),
       CASE WHEN pg_temp.draw(i, 39, 50) > 0 THEN ${at(size.notices)} END, ${at(size.notices)}, ${moment}
     FROM ${series(size.notices)}`,
    `INSERT INTO webhooks (tenant_id, id, url, sealed_secret, events, owner_id, created_at)
     SELECT ${t}, pg_temp.id('webhook', i), 'https://hooks.example.com/' || i, 'sealed', ARRAY['*'], pg_temp.id('user', 1), ${at(2)}
     FROM ${series(2)}`,
    `INSERT INTO webhook_deliveries (tenant_id, id, webhook_id, body, status, attempts, created_at)
     SELECT ${t}, pg_temp.id('delivery', i), pg_temp.id('webhook', 1 + i % 2), '{"type":"deal.won","timestamp":"2026-01-01T00:00:00.000Z","data":{}}', 'delivered', 1, ${at(size.notices)}
     FROM ${series(size.notices)}`,
    `INSERT INTO imports (tenant_id, id, status, actor_id, create_companies, rows, created_at)
     SELECT ${t}, pg_temp.id('import', i), 'done', pg_temp.id('user', 1), true, 100, ${at(size.files)} FROM ${series(size.files)}`,
    `INSERT INTO import_rejects (tenant_id, import_id, seq, text)
     SELECT ${t}, pg_temp.id('import', i), 1, 'row' FROM ${series(size.files)}`,
    `INSERT INTO exports (tenant_id, id, status, filter, rows, created_at, finished_at, expires_at)
     SELECT ${t}, pg_temp.id('export', i), 'done', '{}', 1, ${at(size.files)}, ${moment}, ${moment} + interval '7 days'
     FROM ${series(size.files)}`,
    `INSERT INTO export_chunks (tenant_id, export_id, seq, text)
     SELECT ${t}, pg_temp.id('export', i), 0, 'name' FROM ${series(size.files)}`,
    `INSERT INTO api_keys (tenant_id, id, name, secret_hash, rights, created_at, updated_at)
     SELECT ${t}, 'key00000000' || i, 'key ' || i, 'none', ARRAY['crm:read'], ${at(2)}, ${moment} FROM ${series(2)}`,
    // A seal of the audit trail has a hundred entries in a tenant of any size.
    `INSERT INTO audit_entries (tenant_id, id, actor_type, actor_id, action, outcome, entity_type, entity_id, data,
       occurred_at, leaf, seal, position)
     SELECT ${t}, pg_temp.id('audit', i), 'user', ${user(40)}, 'webhook.created', 'ok', 'webhook', pg_temp.id('webhook', 1),
       '{}', ${at(size.notices)}, repeat('0', 64), (i + 99) / 100, (i + 99) % 100
     FROM ${series(size.notices)}`,
    `INSERT INTO audit_seals (tenant_id, seal, count, root, prev_hash, hash, first_at, last_at, sealed_at, key_id, signature)
     SELECT tenant_id, seal, count(*), repeat('0', 64), repeat('0', 64), repeat('0', 64), min(occurred_at), max(occurred_at),
       max(occurred_at), 'key', 'none' FROM audit_entries WHERE tenant_id = ${t} GROUP BY 1, 2`,
    `INSERT INTO list_settings (tenant_id, user_id, list, settings, updated_at)
     SELECT ${t}, pg_temp.id('user', i), 'deals', '{}', ${moment} FROM ${series(size.users)}`,
  ];
}
