/** `/companies` */
import { resource } from '../resource.ts';
import { oneSchema, view } from '../view.ts';
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
  schemas: {
    item: companySchema,
    page: companyPageSchema,
    pageQuery: companyPageQuerySchema,
    create: newCompanySchema,
    changes: companyChangesSchema,
  },
  queries: { one: companyById, page: companyPage },
  writes: { create: createCompany, update: updateCompany, remove: deleteCompany },
});

view(companyRoutes, {
  path: '/companies/{id}/full',
  tag: 'Companies',
  summary: 'Get a company with its contacts, deals, projects and latest activity',
  schema: companyFullSchema,
  params: oneSchema,
  query: companyFull,
  args: ({ id }) => ({ id }),
  missing: 'company',
});
