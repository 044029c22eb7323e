/** Deals in files: found by their id, then by their title and the name of their company. */
import { dayIn } from '../../../platform/rest/index.ts';
import { fold } from '../../../platform/text/index.ts';
import { isClosed } from '../../deals/events.ts';
import { dealTags } from '../../tags.ts';
import { loadSettings, type TenantSettings } from '../../tenant/settings.ts';
import type { DealValues } from '../read/plan.ts';
import { amountOf } from './amounts.ts';
import { customColumn, NO_VALUES } from './custom.ts';
import { type DealContacts, loadDealContacts } from './deal-contacts.ts';
import { appendDeals } from './deal-events.ts';
import type { ImportedKind, Matcher, Occasion } from './kind.ts';
import { loadOwners, type Owners } from './owners.ts';
import type { DealRecord, Draft } from './records.ts';
import { SetsOf } from './sets.ts';
import { distinct, MOST_NAMESAKES } from './table.ts';

type DealDraft = Draft<'deals'>;

const text = (name: string) => ({ name, type: 'text' });
const utc = (name: string) => ({
  ...{ name, type: 'timestamp(3)', read: `to_char(t.${name}, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')` },
});

export const deals: ImportedKind<'deals'> = {
  kind: 'deals',
  entity: 'deal',
  table: {
    name: 'deals',
    columns: {
      ...{ id: text('id'), title: text('title') },
      stage: { name: 'stage', type: 'deal_stage', read: 't.stage::text' },
      value: { name: 'value', type: 'numeric', read: 'round(t.value, t.value_places)::text' },
      valuePlaces: { name: 'value_places', type: 'int', read: 't.value_places::int' },
      ...{ companyId: text('company_id'), contactId: text('contact_id'), ownerId: text('owner_id') },
      expectedCloseDate: { name: 'expected_close_date', type: 'date', read: 't.expected_close_date::text' },
      custom: customColumn,
      ...{ closedAt: utc('closed_at'), createdAt: { ...utc('created_at'), isFixed: true } },
    },
  },
  fields: ['title', 'stage', 'value', 'companyId', 'contactId', 'ownerId', 'expectedCloseDate'],
  derived: ['valuePlaces', 'closedAt', 'custom'],
  title: 'title',
  candidates: {
    sql: `
      SELECT same.id FROM unnest($3::text[], $4::text[]) AS wanted (title, company)
        JOIN companies c ON c.tenant_id = $1 AND c.search_name = wanted.company
        CROSS JOIN LATERAL (
          SELECT id FROM deals
          WHERE tenant_id = $1 AND search_title = wanted.title AND company_id = c.id LIMIT ${MOST_NAMESAKES}
        ) AS same
      UNION SELECT alone.id FROM unnest($5::text[]) AS wanted (title)
        CROSS JOIN LATERAL (
          SELECT id FROM deals
          WHERE tenant_id = $1 AND search_title = wanted.title AND company_id IS NULL LIMIT ${MOST_NAMESAKES}
        ) AS alone`,
    values(rows) {
      const titled = rows.flatMap(({ title, company }) => (title === undefined ? [] : [{ title, company }]));
      const wanted = new Map(titled.map(({ title, company }) => [dealKey(title, company), { title, company }]));
      const pairs = [...wanted.values()].filter(({ company }) => company !== undefined);
      return [
        pairs.map(({ title }) => fold(title)),
        pairs.map(({ company }) => fold(company ?? '')),
        distinct(titled.map(({ title }) => fold(title))),
      ];
    },
  },
  async open(source, rows, found, occasion) {
    const settings = await loadSettings(source.db, source.tenant);
    const contacts = await loadDealContacts(source, rows);
    const owners = await loadOwners(source, rows);
    return dealMatcher(found, { settings, contacts, owners, ...occasion });
  },
  use: { columns: [['tasks', 'deal_id']], reason: 'has tasks' },
  tags: dealTags,
  append: appendDeals,
};

function dealKey(title: string, company: string | null | undefined): string {
  return `${fold(company ?? '')}\n${fold(title)}`;
}

interface Known extends Occasion {
  settings: TenantSettings;
  contacts: DealContacts;
  owners: Owners;
}

/** Creates a matcher of these deals, which are in the order of their ids. */
function dealMatcher(found: readonly DealDraft[], { settings, contacts, owners, now }: Known): Matcher<'deals'> {
  const byId = new Map<string, DealDraft>();
  const byKey = new SetsOf<DealDraft>();
  const keyOf = ({ record, names }: DealDraft) => dealKey(record.title, names.company);

  function add(draft: DealDraft): void {
    byId.set(draft.record.id, draft);
    byKey.add(keyOf(draft), draft);
  }

  function closeDateOf({ expectedCloseDate, closeMoment }: DealValues): string | undefined {
    return closeMoment === undefined ? expectedCloseDate : dayIn(settings.timeZone, Date.parse(closeMoment));
  }

  for (const draft of found) add(draft);
  return {
    add,
    find(row, company) {
      const own = byId.get(row.id ?? '');
      if (own || row.title === undefined) return own && { draft: own, isNamesake: false };
      const key = dealKey(row.title, company.name);
      const matches = byKey.of(key).filter((draft) => keyOf(draft) === key);
      const day = closeDateOf(row);
      const dated = matches.filter(({ record }) => day !== undefined && record.expectedCloseDate === day);
      const [draft] = matches.length < 2 ? matches : dated.length === 1 ? dated : [];
      if (!draft && matches.length > 1) return { field: 'title', message: 'belongs to several deals' };
      return draft && { draft, isNamesake: false };
    },
    say(row, { draft }) {
      const { record } = draft;
      const owner = owners.of(row.owner, draft);
      const contact = contacts.of(row, draft);
      const amount = amountOf(row, record, settings);
      const { title, stage = record.stage } = row;
      const closedAt = isClosed(stage) ? (record.closedAt ?? new Date(now).toISOString()) : null;
      const moved = stage === record.stage ? {} : { stage, closedAt };
      const values = { title, expectedCloseDate: closeDateOf(row), ...moved };
      return {
        values: { ...values, ...amount.said, ...contact.said, ...owner.said } as Partial<DealRecord>,
        names: { ...contact.names, ...owner.names },
        refused: [...amount.refused, ...contact.refused, ...owner.refused],
      };
    },
    empty: (id) => ({
      ...{ id, title: '', stage: 'lead', value: (0).toFixed(settings.places), valuePlaces: settings.places },
      ...{ companyId: null, contactId: null, ownerId: null, expectedCloseDate: null, closedAt: null },
      ...{ createdAt: new Date(now).toISOString(), custom: NO_VALUES },
    }),
  };
}
