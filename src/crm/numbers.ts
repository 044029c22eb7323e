/**
 * The maintained numbers of the CRM. Closed tasks and deals of one company are not among them: a company has few deals,
 * which its index finds, but there would be as many keys as deals.
 */
import { day, month, type NumberSource, numbersOf } from '../platform/numbers/index.ts';
import { companyTags, contactTags, dealTags, projectTags, taskTags, velocityTags } from './tags.ts';

export const dealNumbers = numbersOf(
  'deals',
  {
    stage: { by: ['stage'], sum: 'value' },
    owner: { by: ['owner_id', 'stage'], sum: 'value' },
    created: { by: [month('created_at')] },
    /** By the month of closing. Only won and lost deals have one. */
    closed: { by: ['stage', month('closed_at')], sum: 'value' },
    won: { by: [month('closed_at'), 'owner_id'], sum: 'value', where: "stage = 'won'" },
  },
  [dealTags.all, dealTags.ofStage('won'), dealTags.ofStage('lost')],
);

const OPEN = "status NOT IN ('done', 'cancelled')";

export const taskNumbers = numbersOf(
  'tasks',
  {
    status: { by: ['status'] },
    done: { by: [month('completed_at')] },
    /** Open tasks that have a due day. */
    due: { by: [day('due_date')], where: OPEN },
    /** All open tasks of a user. */
    assigned: { by: ['assignee_id'], where: OPEN },
    /** The open tasks of a user that have a due day. */
    assigned_due: { by: ['assignee_id', day('due_date')], where: OPEN },
  },
  [taskTags.all],
);

export const companyNumbers = numbersOf(
  'companies',
  { owner: { by: ['owner_id'] }, created: { by: [month('created_at')] } },
  [companyTags.set],
);

export const contactNumbers = numbersOf(
  'contacts',
  { owner: { by: ['owner_id'] }, created: { by: [month('created_at')] } },
  [contactTags.set],
);

export const projectNumbers = numbersOf('projects', { status: { by: ['status'] } }, [projectTags.all]);

/** The won and lost deals of the projection `sales-velocity`, by its generation. */
export const closingNumbers = numbersOf(
  'deal_closings',
  {
    closed: { by: ['generation', month('closed_at')], sum: 'seconds' },
    won: { by: ['generation', month('closed_at')], sum: 'value', where: 'won' },
  },
  [velocityTags.all],
);

/** The tables of the CRM that have maintained numbers. */
export const crmNumbers: readonly NumberSource[] = [
  ...[dealNumbers, taskNumbers, companyNumbers, contactNumbers, projectNumbers, closingNumbers],
];
