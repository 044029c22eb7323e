/** The routes of the second factor: the second step of sign-in, the caller's own factor, and its reset by a manager. */
import { z } from '@hono/zod-openapi';
import { createRouter, idSchema } from '../../platform/http/index.ts';
import { command, publicCommand } from '../../platform/rest/index.ts';
import { ceremonyOptionsSchema } from '../passkeys/schema.ts';
import { ownFactorRules } from '../rules.ts';
import { signedInSchema } from '../schema.ts';
import { beginPasskeyProof, completeSignIn } from './complete.ts';
import { beginFactor, confirmFactor, proveAgain, removeFactor, renewCodes } from './own-factor.ts';
import { RESET_FACTORS, resetFactor } from './reset.ts';
import {
  completionSchema,
  confirmationSchema,
  newFactorSchema,
  pendingSchema,
  proofSchema,
  recoveryCodesSchema,
} from './schema.ts';

export const factorRoutes = createRouter();

// A proof is spent, so a repetition could not have the same effect.
const own = { tag: 'Auth', access: null, limits: ownFactorRules, harmlessTwice: true } as const;
const FRESH =
  'Requires a browser session with a proof of the last five minutes: of the factor, or else of the identity.';

publicCommand(factorRoutes, {
  id: 'factors.verify',
  path: '/auth/factor',
  tag: 'Auth',
  summary: 'Confirm your second factor to sign in',
  cost: { requests: 3, commands: 3, statements: 6, messages: 1 },
  description:
    'Completes a sign-in that was answered with `SECOND_FACTOR_NEEDED`, once and within five minutes. At most five ' +
    'attempts in 15 minutes per user.',
  body: completionSchema,
  answer: signedInSchema,
  effect: 'You are signed in',
  problems: [401, 403, 409, 429, 503],
  run: ({ body: { pending, ...proof } }, _services, c) => completeSignIn(c, proof, pending),
});

publicCommand(factorRoutes, {
  id: 'factors.start',
  path: '/auth/factor/options',
  tag: 'Auth',
  summary: 'Start the proof of a passkey to sign in',
  cost: { requests: 2, commands: 2, statements: 2 },
  description: 'For a sign-in that was answered with `SECOND_FACTOR_NEEDED`. The challenge works once.',
  body: pendingSchema,
  answer: ceremonyOptionsSchema,
  effect: 'The options for the browser',
  problems: [401, 429, 503],
  run: async ({ body: { pending } }, _services, c) => ({ ...(await beginPasskeyProof(c, pending)) }),
});

command(factorRoutes, {
  ...own,
  id: 'factors.refresh',
  path: '/auth/factor/again',
  summary: 'Confirm your second factor again',
  cost: { requests: 3, commands: 7, statements: 2 },
  description:
    'For actions that need a proof of the last minutes, such as access to records in an emergency. Gives the session a ' +
    'new token. Programs sign in again instead.',
  body: proofSchema,
  problems: [401, 409],
  effect: 'Confirmed',
  run: ({ body }, services, c) => proveAgain(services, c, body),
});

command(factorRoutes, {
  ...own,
  id: 'factors.begin',
  path: '/auth/totp',
  summary: 'Begin to add an authenticator app',
  cost: { commands: 5, statements: 4 },
  description: `${FRESH} The session must have begun with a mailed code. Sign-in asks for the app only after you have confirmed it.`,
  problems: [409],
  answer: newFactorSchema,
  effect: 'The secret of the app',
  run: async (_input, services) => ({ ...(await beginFactor(services)) }),
});

command(factorRoutes, {
  ...own,
  id: 'factors.confirm',
  path: '/auth/totp/confirm',
  summary: 'Confirm your authenticator app with a code',
  cost: { requests: 4, commands: 9, statements: 10, messages: 1 },
  description: `${FRESH} The session must have begun with a mailed code. Ends all your other sessions and tokens. From now on, sign-in asks for the app.`,
  problems: [401, 409],
  body: confirmationSchema,
  answer: recoveryCodesSchema,
  effect: 'Your recovery codes, shown once',
  run: async ({ body: { code } }, services, c) => ({ recoveryCodes: await confirmFactor(services, c, code) }),
});

command(factorRoutes, {
  ...own,
  id: 'factors.remove',
  path: '/auth/totp/remove',
  summary: 'Remove your second factor',
  cost: { requests: 4, commands: 9, statements: 10, messages: 1 },
  description: `${FRESH} Removes the app, the recovery codes and the passkeys. Requires a code of the app or a recovery code. Ends all your other sessions and tokens.`,
  problems: [401, 404, 409],
  body: proofSchema,
  effect: 'Removed',
  run: ({ body }, services, c) => removeFactor(services, c, body),
});

command(factorRoutes, {
  ...own,
  id: 'recoveryCodes.create',
  path: '/auth/recovery-codes',
  summary: 'Create new recovery codes',
  cost: { requests: 4, commands: 9, statements: 8, messages: 1 },
  description: `${FRESH} The older codes end. Requires a code of the app or a recovery code. Ends all your other sessions and tokens.`,
  problems: [401, 404, 409],
  body: proofSchema,
  answer: recoveryCodesSchema,
  effect: 'Your recovery codes, shown once',
  run: async ({ body }, services, c) => ({ recoveryCodes: await renewCodes(services, c, body) }),
});

command(factorRoutes, {
  id: 'factors.revoke',
  method: 'delete',
  path: '/auth/factors/{userId}',
  tag: 'Auth',
  summary: 'Remove the second factor of a user',
  cost: { requests: 3, commands: 7, statements: 12, messages: 1 },
  description:
    'For a user who lost the app and the recovery codes. Removes the passkeys too, and ends all sessions of the user. You ' +
    'need all rights of the user, except restricted rights if you are an owner.',
  access: RESET_FACTORS,
  params: z.object({ userId: idSchema }),
  problems: [404],
  effect: 'Removed',
  run: ({ params: { userId } }, services) => resetFactor(services, userId),
});
