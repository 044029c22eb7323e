/** `/companies` */
import { oneSchema, resource, view } from '../../platform/rest/index.ts';
import { companyFull, companyFullSchema } from './full.ts';
import { companyById, companyPage } from './queries.ts';
import {
  companyChangesSchema,
  companyPageQuerySchema,
  companyPageSchema,
  companySchema,
  newCompanySchema,
} from './schema.ts';
import { createCompany, deleteCompany, updateCompany } from './writes.ts';

export const companyRoutes = resource({
  singular: 'company',
  plural: 'companies',
  access: { read: 'crm:read', write: 'crm:write' },
  schemas: {
    item: companySchema,
    page: companyPageSchema,
    pageQuery: companyPageQuerySchema,
    create: newCompanySchema,
    changes: companyChangesSchema,
  },
  costs: {
    create: { requests: 4, commands: 6, statements: 5 },
    update: { requests: 4, commands: 6, statements: 7 },
    delete: { requests: 4, commands: 6, statements: 11 },
  },
  queries: { one: companyById, page: companyPage },
  writes: { create: createCompany, update: updateCompany, remove: deleteCompany },
});

view(companyRoutes, {
  id: 'companies.getFull',
  path: '/companies/{id}/full',
  tag: 'Companies',
  access: 'crm:read',
  summary: 'Get a company with its contacts, deals, projects and latest activity',
  cost: { miss: { statements: 9 } },
  answer: companyFullSchema,
  params: oneSchema,
  query: companyFull,
  args: ({ id }) => ({ id }),
  missing: 'company',
});
