/** Converts a row to the API's company. */
import type { Company } from './schema.ts';

/** The columns of a company that the API returns. */
export interface CompanyRow extends Omit<Company, 'createdAt' | 'updatedAt'> {
  createdAt: Date;
  updatedAt: Date;
}

/** Converts a row to the form that is returned and cached. */
export function toCompany(row: CompanyRow): Company {
  return {
    id: row.id,
    name: row.name,
    domain: row.domain,
    industry: row.industry,
    employees: row.employees,
    city: row.city,
    country: row.country,
    ownerId: row.ownerId,
    custom: row.custom,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}
