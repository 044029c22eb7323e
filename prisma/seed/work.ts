/**
 * Projects with their members, and tasks. A task belongs to a project, is about an open deal, or belongs to neither.
 */
import type { Prisma } from '#prisma';
import type { UserRow } from './people.ts';
import type { CompanyRow, DealRow } from './sales.ts';
import { addDays, toDay, type World } from './world.ts';

export type ProjectRow = Prisma.ProjectCreateManyInput;
export type MemberRow = Prisma.ProjectMemberCreateManyInput;
export type TaskRow = Prisma.TaskCreateManyInput;

const projectKinds = ['Rollout', 'Integration', 'Data migration', 'Training', 'Redesign', 'Security review'];
const projectStatuses = { planned: 15, active: 50, paused: 10, done: 20, cancelled: 5 };
const taskStatuses = { todo: 40, doing: 20, blocked: 5, done: 30, cancelled: 5 };
const taskPriorities = { low: 20, normal: 50, high: 22, urgent: 8 };
const dealChores = ['Call', 'Send the proposal to', 'Prepare a demo for', 'Follow up with', 'Check the contract of'];
const projectChores = [
  'Write the plan',
  'Set up access',
  'Import data',
  'Review results',
  'Hold the workshop',
  'Sign off',
];

export function makeProjects(world: World, companies: CompanyRow[], owners: UserRow[], count: number): ProjectRow[] {
  return Array.from({ length: count }, () => {
    const company = world.pick(companies);
    const kind = world.pick(projectKinds);
    const createdAt = world.daysAgo(240, 5);
    return {
      tenantId: world.tenantId,
      id: world.id('project', createdAt),
      name: `${company.name}: ${kind}`,
      description: `${kind} agreed with ${company.name}.`,
      status: world.weighted(projectStatuses),
      companyId: company.id,
      ownerId: world.pick(owners).id,
      startDate: toDay(addDays(createdAt, 7)),
      dueDate: toDay(addDays(createdAt, world.faker.number.int({ min: 40, max: 300 }))),
      createdAt,
      updatedAt: world.since(createdAt),
    };
  });
}

/** Makes the members of each project: the owner with the role lead, and two to five other users. */
export function makeMembers(world: World, projects: ProjectRow[], users: UserRow[]): MemberRow[] {
  return projects.flatMap(({ tenantId, id: projectId, ownerId, createdAt }) => {
    const others = users.filter(({ id }) => id !== ownerId);
    const chosen = world.faker.helpers.arrayElements(others, { min: Math.min(2, others.length), max: 5 });
    const updatedAt = createdAt ?? world.now;
    const row = { tenantId, projectId, createdAt: updatedAt, updatedAt };
    const team = chosen.map(
      ({ id }): MemberRow => ({ ...row, userId: id, role: world.weighted({ contributor: 80, viewer: 20 }) }),
    );
    return ownerId == null ? team : [{ ...row, userId: ownerId, role: 'lead' as const }, ...team];
  });
}

export function makeTasks(
  world: World,
  {
    projects,
    members,
    deals,
    users,
  }: { projects: ProjectRow[]; members: MemberRow[]; deals: DealRow[]; users: UserRow[] },
  count: number,
): TaskRow[] {
  const teams = Map.groupBy(members, ({ projectId }) => projectId);
  const openDeals = deals.filter(({ closedAt }) => closedAt === null);
  return Array.from({ length: count }, (): TaskRow => {
    const about = world.weighted({ project: 65, deal: 25, nothing: 10 });
    if (about === 'project') {
      const project = world.pick(projects);
      const assignee = world.pick(teams.get(project.id) ?? []);
      const title = `${world.pick(projectChores)} (${world.faker.commerce.department()})`;
      return { ...makeTask(world), title, projectId: project.id, assigneeId: assignee.userId };
    }
    if (about === 'deal') {
      const deal = world.pick(openDeals);
      const title = `${world.pick(dealChores)} ${deal.title.split(':')[0]}`;
      return { ...makeTask(world), title, dealId: deal.id, assigneeId: deal.ownerId ?? null };
    }
    const title = `Read up on ${world.faker.commerce.department().toLowerCase()}`;
    return {
      ...makeTask(world),
      title,
      assigneeId: world.weighted({ yes: 70, no: 30 }) === 'yes' ? world.pick(users).id : null,
    };
  });
}

function makeTask(world: World): Omit<TaskRow, 'title'> {
  const createdAt = world.daysAgo(90, 0);
  const status = world.weighted(taskStatuses);
  const completedAt = status === 'done' ? world.since(createdAt) : null;
  return {
    tenantId: world.tenantId,
    id: world.id('task', createdAt),
    status,
    priority: world.weighted(taskPriorities),
    dueDate: toDay(addDays(createdAt, world.faker.number.int({ min: 2, max: 60 }))),
    completedAt,
    createdAt,
    updatedAt: completedAt ?? world.since(createdAt),
  };
}
