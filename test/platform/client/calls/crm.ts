/** Calls the operations of the CRM's rows, lists and reports. */
import type { ClientWorld } from '../world.ts';

export async function callCrm(world: ClientWorld): Promise<void> {
  const { program, staff } = world;
  const userId = world.idOf('member');
  const { companies, contacts, deals, projects, tasks, customFields } = program;

  const field = await customFields.create({
    body: { kind: 'deal', key: 'region', name: 'Region', type: 'text' },
  });
  await customFields.list({ kind: 'deal' });
  await customFields.get({ id: field.id });
  await customFields.update({ id: field.id, body: { name: 'Area' } });

  const company = await companies.create({ body: { name: 'Kelp Works', ownerId: userId } });
  const contact = await contacts.create({ body: { name: 'Ada Marker', companyId: company.id, ownerId: userId } });
  const deal = await deals.create({
    body: { title: 'Nets', value: '1200.00', companyId: company.id, custom: { region: 'North' } },
  });
  const project = await projects.create({ body: { name: 'Harbour', companyId: company.id } });
  const task = await tasks.create({
    body: { title: 'Dig', assigneeId: userId, projectId: project.id, dealId: deal.id },
  });

  for (const kind of [companies, contacts, deals, projects, tasks]) await kind.list();
  await companies.get({ id: company.id });
  await contacts.get({ id: contact.id });
  await deals.get({ id: deal.id });
  await projects.get({ id: project.id });
  await tasks.get({ id: task.id });
  await companies.getFull({ id: company.id });
  await contacts.getFull({ id: contact.id });
  await companies.update({ id: company.id, body: { city: 'Kiel' } });
  await contacts.update({ id: contact.id, body: { phone: '+49 431 1' } });
  await deals.update({ id: deal.id, body: { stage: 'qualified' } });
  await projects.update({ id: project.id, body: { status: 'active' } });
  await tasks.update({ id: task.id, body: { status: 'doing' } });
  await deals.getPipeline();
  await deals.getHistory({ id: deal.id });
  await projects.setMember({ id: project.id, userId, body: { role: 'lead' } });
  for (const read of [projects.getDetails, projects.getFull, projects.listTasks]) await read({ id: project.id });
  for (const read of [projects.listMembers, projects.getStatistics]) await read({ id: project.id });
  await projects.removeMember({ id: project.id, userId });

  await callReports(world, company.id);
  await callOwn(world);

  await program.search.list({ q: 'Kelp' });
  await world.advance(5_000);
  const { items } = await staff.member.notifications.list();
  await staff.member.notifications.countUnread();
  await staff.member.notifications.markRead({ id: items[0]?.id ?? 'none' });

  await tasks.delete({ id: task.id });
  await projects.delete({ id: project.id });
  await deals.delete({ id: deal.id });
  await contacts.delete({ id: contact.id });
  await companies.delete({ id: company.id });
  await customFields.delete({ id: field.id });
}

async function callReports({ program }: ClientWorld, id: string): Promise<void> {
  const { dashboard, analytics } = program;
  await dashboard.get();
  await dashboard.getOverview();
  await dashboard.getStatistics();
  await dashboard.listActivities();
  await analytics.getCompany({ id });
  await analytics.refreshCompany({ id });
  await analytics.getTenant();
  await analytics.refreshTenant();
  await analytics.countActivities();
  await analytics.refreshActivities();
  await analytics.getVelocity();
  await analytics.refreshVelocity();
  await analytics.getUsage();
}

async function callOwn({ staff }: ClientWorld): Promise<void> {
  const { lists, preferences, drafts } = staff.member;
  await lists.getSettings({ list: 'tasks' });
  await lists.saveSettings({ list: 'deals', body: { filters: [], columns: ['title'], pageSize: 20 } });
  await preferences.update({ body: { theme: 'dark' } });
  await preferences.get();
  await drafts.save({ name: 'new-deal', body: { title: 'Nets for the fleet' } });
  await drafts.list();
  await drafts.get({ name: 'new-deal' });
  await drafts.delete({ name: 'new-deal' });
}
