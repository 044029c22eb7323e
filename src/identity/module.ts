/** Identity as a module: sign-up, sign-in, sessions, passwords, invitations, API keys. */

import { guardSchedule } from '../platform/jobs/index.ts';
import { module } from '../platform/module.ts';
import * as apiKeyRecords from './api-key-record.ts';
import { apiKeyRoutes } from './api-key-routes.ts';
import { mailAuditSeal, mailAuditSeals } from './audit-mail.ts';
import { factorRoutes } from './factors/routes.ts';
import * as invitations from './invitation-code.ts';
import { inviteRoutes } from './invite.ts';
import {
  mailCode,
  mailFactorChanged,
  mailInvitation,
  mailLink,
  mailPasskeyChanged,
  mailPasswordChanged,
  mailWelcome,
} from './jobs.ts';
import { factorPageRoutes } from './pages/factor-routes.ts';
import { pageRoutes } from './pages/routes.ts';
import { passkeyRoutes } from './passkeys/routes.ts';
import { passwordRoutes } from './password.ts';
import { refreshRoutes } from './refresh.ts';
import { forgetSignUps } from './schedules.ts';
import { sessionRoutes } from './sessions.ts';
import { signInRoutes } from './sign-in.ts';
import { signUpRoutes } from './sign-up.ts';

export const identity = module({
  name: 'identity',
  rights: ['users:manage', 'keys:manage'],
  roles: { owner: ['*'], admin: ['users:manage', 'keys:manage'] },
  tags: {
    Auth: 'Sign-up, sign-in, sessions, tokens, passwords and invitations',
    'API keys': 'Credentials of programs',
  },
  routes: [
    signUpRoutes,
    signInRoutes,
    refreshRoutes,
    sessionRoutes,
    passwordRoutes,
    passkeyRoutes,
    factorRoutes,
    inviteRoutes,
    factorPageRoutes,
    pageRoutes,
    apiKeyRoutes,
  ],
  queries: [apiKeyRecords, invitations],
  jobs: [
    ...[mailInvitation, mailWelcome, mailPasswordChanged, mailPasskeyChanged, mailFactorChanged],
    ...[mailCode, mailLink, mailAuditSeal],
  ],
  schedules: [forgetSignUps, mailAuditSeals, guardSchedule(invitations.invitationByHash)],
});
