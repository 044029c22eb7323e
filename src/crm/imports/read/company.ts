/** The fields of a company from the cells of a row. */
import { idSchema } from '../../../platform/http/index.ts';
import { newCompanySchema } from '../../companies/schema.ts';
import type { Cells } from './cells.ts';
import type { CompanyValues } from './plan.ts';

const { name, domain, industry, employees, city, country } = newCompanySchema.shape;

/** Reads a company. */
export function companyValues(cells: Cells): CompanyValues {
  const count = cells.first('employees');
  return {
    id: cells.valid('id', cells.first('id'), idSchema),
    name: cells.valid('name', cells.first('name'), name),
    domain: cells.valid('domain', cells.first('domain'), domain) ?? undefined,
    industry: cells.valid('industry', cells.first('industry'), industry) ?? undefined,
    employees: cells.valid('employees', count === undefined ? count : Number(count), employees) ?? undefined,
    city: cells.valid('city', cells.first('city'), city) ?? undefined,
    country: cells.valid('country', cells.first('country'), country) ?? undefined,
    owner: cells.first('owner'),
  };
}
