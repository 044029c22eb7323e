/** The fields of a company from the cells of a row. */
import { idSchema } from '../../../platform/http/index.ts';
import { newCompanySchema } from '../../companies/schema.ts';
import type { Cells } from './cells.ts';
import { countryCode } from './country.ts';
import type { CompanyValues } from './plan.ts';

const { name, domain, industry, employees, city, country } = newCompanySchema.shape;

/** Reads a company. A company without a name is called by its domain. */
export function companyValues(cells: Cells): CompanyValues {
  const values: CompanyValues = {
    id: idSchema.safeParse(cells.first('id')).data,
    domain: readDomain(cells),
    industry: cells.valid('industry', cells.first('industry'), industry) ?? undefined,
    employees: readEmployees(cells),
    city: cells.valid('city', cells.first('city'), city) ?? undefined,
    country: readCountry(cells),
    owner: cells.first('owner'),
  };
  const called = cells.valid('name', cells.first('name'), name);
  if (called !== undefined) return { ...values, name: called };
  return values.domain === undefined ? values : { ...values, name: values.domain, halfName: true };
}

/** Returns the host of the first usable web address, without `www.`; of an exported file, its domain. */
function readDomain(cells: Cells): string | undefined {
  const exported = cells.exact('domain', domain);
  if (exported) return exported;
  const found = cells.all('domain').map(({ text }) => domain.safeParse(hostOf(text)));
  const usable = found.find(({ success }) => success)?.data;
  return usable ?? (found.length > 0 ? cells.refuse('domain', 'is not a domain name') : undefined);
}

function hostOf(text: string): string {
  const [first = ''] = text.split(/[\s,;]+/);
  try {
    return new URL(/^[a-z]+:\/\//i.test(first) ? first : `https://${first}`).hostname.replace(/^www\./, '');
  } catch {
    return text;
  }
}

function readEmployees(cells: Cells): number | undefined {
  const text = cells.first('employees');
  if (text === undefined) return undefined;
  const digits = text.replace(/[\s.,'’\u00a0\u202f]/g, '');
  if (!/^\d+$/.test(digits)) return cells.refuse('employees', 'is not a whole number');
  return cells.valid('employees', Number(digits), employees) ?? undefined;
}

function readCountry(cells: Cells): string | undefined {
  const text = cells.first('country');
  if (text === undefined) return undefined;
  const exported = cells.exact('country', country);
  if (exported) return exported;
  const code = countryCode(text, cells.plan.language ?? 'en');
  if (code === undefined) return cells.refuse('country', 'is not a known country: write a code such as DE');
  return cells.valid('country', code, country) ?? undefined;
}
