/** Companies in files: found by their id, then by their domain, then by their name. */
import { fold } from '../../../platform/text/index.ts';
import { companyEvents } from '../../companies/events.ts';
import { companyTags } from '../../tags.ts';
import { customColumn, NO_VALUES } from './custom.ts';
import { appendPlain } from './events.ts';
import type { ImportedKind, Matcher, Refusal, Row } from './kind.ts';
import { loadOwners, type Owners } from './owners.ts';
import type { CompanyRecord, Draft } from './records.ts';
import { SetsOf } from './sets.ts';
import { distinct, MOST_NAMESAKES } from './table.ts';

type CompanyDraft = Draft<'companies'>;

const text = (name: string) => ({ name, type: 'text' });

export const companies: ImportedKind<'companies'> = {
  kind: 'companies',
  entity: 'company',
  table: {
    name: 'companies',
    columns: {
      ...{ id: text('id'), name: text('name'), domain: text('domain'), industry: text('industry') },
      employees: { name: 'employees', type: 'int' },
      ...{ city: text('city'), country: text('country'), ownerId: text('owner_id') },
      custom: customColumn,
    },
  },
  fields: ['name', 'domain', 'industry', 'employees', 'city', 'country', 'ownerId'],
  derived: ['custom'],
  title: 'name',
  candidates: {
    sql: `
      SELECT same.id FROM unnest($3::text[]) AS wanted (domain)
        CROSS JOIN LATERAL (
          SELECT id FROM companies WHERE tenant_id = $1 AND domain = wanted.domain LIMIT ${MOST_NAMESAKES}
        ) AS same
      UNION SELECT namesake.id FROM unnest($4::text[]) AS wanted (name)
        CROSS JOIN LATERAL (
          SELECT id FROM companies WHERE tenant_id = $1 AND search_name = wanted.name LIMIT ${MOST_NAMESAKES}
        ) AS namesake`,
    values(rows) {
      const sites = distinct(rows.map(({ domain }) => siteOf(domain)));
      return [sites.flatMap((site) => [site, `www.${site}`]), distinct(rows.map(({ name }) => name && fold(name)))];
    },
  },
  open: async (source, rows, found) => companyMatcher(found, await loadOwners(source, rows)),
  use: {
    columns: (['contacts', 'deals', 'projects'] as const).map((table) => [table, 'company_id'] as const),
    reason: 'is in use',
  },
  tags: companyTags,
  append: appendPlain(companyEvents),
};

/** Returns a company with nothing but an id and a name. */
export function newCompany(id: string, name: string): CompanyRecord {
  const empty = { domain: null, industry: null, employees: null, city: null, country: null, ownerId: null };
  return { id, name, ...empty, custom: NO_VALUES };
}

/** Returns a domain without `www.`: both forms are the same site. */
function siteOf(domain: string | null | undefined): string {
  return (domain ?? '').replace(/^www\./, '');
}

/** Creates a matcher of these companies, which are in the order of their ids. */
function companyMatcher(found: readonly CompanyDraft[], owners: Owners): Matcher<'companies'> {
  const byId = new Map<string, CompanyDraft>();
  const bySite = new SetsOf<CompanyDraft>();
  const byName = new SetsOf<CompanyDraft>();

  function add(draft: CompanyDraft): void {
    byId.set(draft.record.id, draft);
    if (draft.record.domain !== null) bySite.add(siteOf(draft.record.domain), draft);
    byName.add(fold(draft.record.name), draft);
  }

  const hasName = ({ record }: CompanyDraft, { name }: Row<'companies'>) =>
    name !== undefined && fold(record.name) === fold(name);

  function withDomain(row: Row<'companies'>): CompanyDraft | Refusal | undefined {
    const site = siteOf(row.domain);
    if (site === '') return undefined;
    // A company that an earlier row has given another domain is still in the set of its old one.
    const matches = bySite.of(site).filter(({ record }) => siteOf(record.domain) === site);
    if (matches.length < 2) return matches[0];
    return oneOf(matches.filter((draft) => hasName(draft, row))) ?? several('domain');
  }

  /** A company with another domain is another company, even if both have the same name. */
  function withName(row: Row<'companies'>): CompanyDraft | Refusal | undefined {
    if (row.name === undefined || row.halfName) return undefined;
    const matches = byName.of(fold(row.name)).filter((draft) => {
      return hasName(draft, row) && (row.domain === undefined || draft.record.domain === null);
    });
    return matches.length < 2 ? matches[0] : several('name');
  }

  for (const draft of found) add(draft);
  return {
    add,
    find(row) {
      const match = byId.get(row.id ?? '') ?? withDomain(row) ?? withName(row);
      return match && ('record' in match ? { draft: match, isNamesake: false } : match);
    },
    say({ name: said, halfName, domain, industry, employees, city, country, owner }, { draft }) {
      const name = halfName && draft.record.name !== '' ? undefined : said;
      const { said: owned, names, refused } = owners.of(owner, draft);
      const site = siteOf(domain) === siteOf(draft.record.domain) ? undefined : domain;
      const values = { name, domain: site, industry, employees, city, country, ...owned };
      return { values: values as Partial<CompanyRecord>, names, refused };
    },
    empty: (id) => newCompany(id, ''),
  };
}

function oneOf(matches: readonly CompanyDraft[]): CompanyDraft | undefined {
  return matches.length === 1 ? matches[0] : undefined;
}

function several(field: string): Refusal {
  return { field, message: 'belongs to several companies' };
}
