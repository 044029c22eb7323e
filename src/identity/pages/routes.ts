/**
 * The sign-in pages, for use without the app's front end: forms and redirects, no script. Each form calls the same
 * function as a JSON route of `/auth`. Opening a page changes no data; only forms change data.
 */
import type { Context } from 'hono';
import {
  type AppEnv,
  allows,
  answerError,
  createRouter,
  emailSchema,
  gate,
  notFound,
  ProblemError,
  publicCache,
} from '../../platform/http/index.ts';
import { acceptInvitation } from '../invitation.ts';
import { changePassword } from '../password.ts';
import { passwordRules } from '../rules.ts';
import {
  acceptSchema,
  codeRequestSchema,
  invitationCodeSchema,
  passwordChangeSchema,
  signInSchema,
  tenantIdSchema,
  verifySchema,
} from '../schema.ts';
import { endOwnEntry, person } from '../sessions.ts';
import { requestCode, signInByCode, signInByPassword } from '../ways-in.ts';
import { asTyped, checkForm, readForm, submit } from './form.ts';
import { answerPage } from './layout.ts';
import { codePage, invitationPage, signInPage } from './sign-in-page.ts';
import { STYLE, STYLE_PATH } from './style.ts';
import { type SignedIn, welcomePage } from './welcome-page.ts';

export const pageRoutes = createRouter();

pageRoutes.onError((error, c) => {
  // A browser without a session is redirected to the sign-in page.
  if (error instanceof ProblemError && error.code === 'NOT_AUTHENTICATED') return c.redirect('/sign-in', 303);
  return answerError(error, c);
});

pageRoutes.get(STYLE_PATH, publicCache({ maxAge: '1h' }), (c) =>
  c.body(STYLE, 200, { 'content-type': 'text/css; charset=utf-8' }),
);
pageRoutes.get('/', (c) => c.redirect('/welcome', 303));

pageRoutes.get('/sign-in', (c) => {
  const tenant = tenantIdSchema.safeParse(c.req.query('tenant')).data;
  const invitation = invitationCodeSchema.safeParse(c.req.query('invitation')).data;
  const code = verifySchema.shape.code.safeParse(c.req.query('code')).data;
  if (tenant !== undefined && invitation !== undefined) return answerPage(c, invitationPage({ tenant, invitation }));
  if (code !== undefined) return answerPage(c, codePage({ code, tenant }));
  return answerPage(c, signInPage({ tenant, email: emailSchema.safeParse(c.req.query('email')).data }));
});
pageRoutes.get('/sign-in/code', (c) => answerPage(c, codePage()));
// A browser may open the URL of a form with GET, for example after a reload. This route redirects the browser to the
// sign-in page.
pageRoutes.get('/sign-in/:form{password|send-code|invitation}', (c) => c.redirect('/sign-in', 303));

pageRoutes.post('/sign-in/password', async (c) => {
  const fields = await readForm(c, ['email', 'password', 'tenant']);
  return submit(
    c,
    async () => {
      try {
        const proof = checkForm(signInSchema, fields);
        return await afterProof(c, () => signInByPassword(c, proof));
      } catch (error) {
        // `signInByPassword` has already mailed a code, so the next page asks for this code.
        if (error instanceof ProblemError && error.code === 'ADDRESS_NOT_VERIFIED') return toCode(c);
        throw error;
      }
    },
    () => signInPage(fields),
  );
});

pageRoutes.post('/sign-in/send-code', async (c) => {
  const fields = await readForm(c, ['email', 'tenant']);
  return submit(
    c,
    async () => {
      await requestCode(c, checkForm(codeRequestSchema, fields));
      return toCode(c);
    },
    () => signInPage(fields),
  );
});

pageRoutes.post('/sign-in/code', async (c) => {
  const fields = await readForm(c, ['code']);
  return submit(
    c,
    async () => {
      const proof = checkForm(verifySchema, { code: asTyped(fields.code) });
      return afterProof(c, () => signInByCode(c, proof));
    },
    () => codePage(),
  );
});

pageRoutes.post('/sign-in/invitation', async (c) => {
  const fields = await readForm(c, ['tenant', 'invitation']);
  return submit(
    c,
    async () => {
      const proof = checkForm(acceptSchema, fields);
      return afterProof(c, () => acceptInvitation(c, proof));
    },
    () => signInPage({ tenant: fields.tenant }),
  );
});

pageRoutes.get('/welcome', gate({}), async (c) => answerPage(c, welcomePage(await signedIn(c))));

pageRoutes.post('/welcome/password', gate({ limits: passwordRules }), async (c) => {
  const fields = await readForm(c, ['current', 'password']);
  const who = await signedIn(c);
  return submit(
    c,
    async () => {
      await changePassword(c.var, c, checkForm(passwordChangeSchema, fields));
      return c.redirect('/welcome', 303);
    },
    () => welcomePage(who),
  );
});

pageRoutes.post('/sign-out', gate({}), async (c) => {
  await endOwnEntry(c.var, c);
  return c.redirect('/sign-in', 303);
});

/** Redirects a browser to the page for its code. */
function toCode(c: Context<AppEnv>): Response {
  return c.redirect('/sign-in/code', 303);
}

/** Signs a browser in, and redirects it: to `/welcome`, or to the page of the second factor if the account has one. */
async function afterProof(c: Context<AppEnv>, prove: () => Promise<unknown>): Promise<Response> {
  try {
    await prove();
  } catch (error) {
    if (error instanceof ProblemError && error.code === 'SECOND_FACTOR_NEEDED')
      return c.redirect('/sign-in/factor', 303);
    throw error;
  }
  return c.redirect('/welcome', 303);
}

/** The rights for pages of the care area. A caller with any one of them may open a page. */
const CARE_RIGHTS = ['care:patients:read', 'care:flow:read', 'care:audit:read'] as const;

/** Reads the user of the session. 1 query. */
async function signedIn(c: Context<AppEnv>): Promise<SignedIn> {
  const { userId } = person(c.var.caller);
  const { tenant } = c.var;
  const user = await (await tenant.db()).user.findUnique({
    where: { tenantId_id: { tenantId: tenant.tenant, id: userId } },
    select: { name: true, email: true, role: true, passwordHash: true, tenant: { select: { id: true, name: true } } },
  });
  if (!user) throw notFound('user');
  const { passwordHash, ...shown } = user;
  const isLocal = c.var.scope.environment.HOLDFAST_MODE === 'local';
  const mayOperate = allows(c.var.caller.rights, 'console:view');
  const mayCare = CARE_RIGHTS.some((right) => allows(c.var.caller.rights, right));
  return { ...shown, hasPassword: passwordHash !== null, isLocal, mayOperate, mayCare };
}
