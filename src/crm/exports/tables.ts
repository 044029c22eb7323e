/** The exports of contacts, companies, deals and tasks. */
import { matchingCompanies } from '../companies/queries.ts';
import { companyFilterSchema } from '../companies/schema.ts';
import { matchingContacts } from '../contacts/queries.ts';
import { contactFilterSchema } from '../contacts/schema.ts';
import { toDeal } from '../deals/deal.ts';
import { matchingDeals } from '../deals/queries.ts';
import { dealFilterSchema } from '../deals/schema.ts';
import { matchingTasks } from '../tasks/queries.ts';
import { taskFilterSchema } from '../tasks/schema.ts';
import { toTask } from '../tasks/task.ts';
import { type ExportTable, named, rowsOf, titled } from './table.ts';

const contacts: ExportTable = {
  kind: 'contacts',
  custom: 'contact',
  filter: contactFilterSchema,
  columns: ['Name', 'E-mail', 'Phone', 'Job title', 'Company', 'Owner', 'Created at', 'Id'],
  async read(part, filter, asked) {
    const { where, ...rest } = rowsOf(part);
    const having = await matchingContacts(part, contactFilterSchema.parse(filter), asked);
    const include = { company: named, owner: named };
    const rows = await part.client.contact.findMany({ ...rest, where: { ...where, ...having }, include });
    return rows.map(({ id, name, email, phone, jobTitle, company, owner, createdAt, custom }) => ({
      id,
      custom,
      cells: [name, email, phone, jobTitle, nameOf(company), nameOf(owner), createdAt.toISOString(), id],
    }));
  },
};

const companies: ExportTable = {
  kind: 'companies',
  custom: 'company',
  filter: companyFilterSchema,
  columns: ['Name', 'Domain', 'Industry', 'Employees', 'City', 'Country', 'Owner', 'Created at', 'Id'],
  async read(part, filter, asked) {
    const { where, ...rest } = rowsOf(part);
    const having = await matchingCompanies(part, companyFilterSchema.parse(filter), asked);
    const rows = await part.client.company.findMany({
      ...rest,
      where: { ...where, ...having },
      include: { owner: named },
    });
    return rows.map(({ id, name, domain, industry, employees, city, country, owner, createdAt, custom }) => {
      const size = employees === null ? null : String(employees);
      return {
        id,
        custom,
        cells: [name, domain, industry, size, city, country, nameOf(owner), createdAt.toISOString(), id],
      };
    });
  },
};

const deals: ExportTable = {
  kind: 'deals',
  custom: 'deal',
  filter: dealFilterSchema,
  columns: [
    ...['Title', 'Stage', 'Value', 'Currency', 'Company', 'Contact', 'Owner'],
    ...['Expected close date', 'Closed at', 'Created at', 'Id'],
  ],
  async read(part, filter, asked) {
    const include = { company: named, contact: named, owner: named, tenant: { select: { currency: true } } };
    const { where, ...rest } = rowsOf(part);
    const having = await matchingDeals(part, dealFilterSchema.parse(filter), asked);
    const rows = await part.client.deal.findMany({ ...rest, where: { ...where, ...having }, include });
    return rows.map(({ company, contact, owner, tenant, ...row }) => {
      const { id, title, stage, value, expectedCloseDate, closedAt, createdAt } = toDeal({ ...row, custom: {} });
      const people = [nameOf(company), nameOf(contact), nameOf(owner)];
      return {
        id,
        custom: row.custom,
        cells: [title, stage, value, tenant.currency, ...people, expectedCloseDate, closedAt, createdAt, id],
      };
    });
  },
};

const tasks: ExportTable = {
  kind: 'tasks',
  filter: taskFilterSchema,
  columns: [
    ...['Title', 'Description', 'Status', 'Priority', 'Due date', 'Completed at'],
    ...['Assignee', 'Project', 'Deal', 'Created at', 'Id'],
  ],
  async read(part, filter) {
    const { where, ...rest } = rowsOf(part);
    const having = await matchingTasks(part, taskFilterSchema.parse(filter));
    const include = { assignee: named, project: named, deal: titled };
    const rows = await part.client.task.findMany({ ...rest, where: { ...where, ...having }, include });
    return rows.map(({ assignee, project, deal, ...row }) => {
      const { id, title, description, status, priority, dueDate, completedAt, createdAt } = toTask(row);
      const about = [nameOf(assignee), nameOf(project), deal?.title ?? null];
      return { id, cells: [title, description, status, priority, dueDate, completedAt, ...about, createdAt, id] };
    });
  },
};

/** Returns the name of a related row, if there is one. */
function nameOf(row: { name: string } | null): string | null {
  return row?.name ?? null;
}

/** The kinds of rows that can be exported. */
export const exportTables = { contacts, companies, deals, tasks } as const;
