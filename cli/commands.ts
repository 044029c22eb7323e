/** The table of commands. A new command needs a file in this folder and an entry in this table. */
import { auditVerify } from './audit-verify.ts';
import { cacheInspect } from './cache-inspect.ts';
import { cacheInvalidate } from './cache-invalidate.ts';
import type { Command } from './command.ts';
import { completionOf } from './completion.ts';
import { costs } from './costs.ts';
import { doctor } from './doctor.ts';
import { jobChanges } from './job-changes.ts';
import { jobsList } from './jobs-list.ts';
import { keyCreate } from './key-create.ts';
import { keyList } from './key-list.ts';
import { keyRevoke } from './key-revoke.ts';
import { keyRotate } from './key-rotate.ts';
import { programs } from './programs.ts';
import { provision } from './provision.ts';
import { schedulesList } from './schedules-list.ts';
import { schedulesRun } from './schedules-run.ts';
import { schedulesSync } from './schedules-sync.ts';
import { tenantCreate } from './tenant-create.ts';
import { userInvite } from './user-invite.ts';

export const commands: readonly Command[] = [
  doctor,
  tenantCreate,
  userInvite,
  keyCreate,
  keyList,
  keyRotate,
  keyRevoke,
  jobsList,
  ...jobChanges,
  cacheInspect,
  cacheInvalidate,
  schedulesList,
  schedulesRun,
  schedulesSync,
  auditVerify,
  provision,
  costs,
  ...programs,
  completionOf(() => commands),
];
