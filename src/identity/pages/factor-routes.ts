/** The routes of the pages of the second factor. Each form calls the same function as a JSON route of `/auth`. */
import type { Context } from 'hono';
import {
  type AppEnv,
  answerError,
  createRouter,
  gate,
  invalidField,
  ProblemError,
  scripted,
} from '../../platform/http/index.ts';
import { completeSignIn } from '../factors/complete.ts';
import {
  beginFactor,
  confirmFactor,
  hasOwnFactor,
  proveAgain,
  removeFactor,
  renewCodes,
} from '../factors/own-factor.ts';
import { completionSchema, confirmationSchema, proofSchema } from '../factors/schema.ts';
import { addPasskey, listPasskeys, removePasskey } from '../passkeys/own-passkeys.ts';
import { newPasskeySchema } from '../passkeys/schema.ts';
import { ownFactorRules } from '../rules.ts';
import { confirmPage, factorPage, newAppPage, ownFactorPage, recoveryCodesPage } from './factor-pages.ts';
import { asTyped, checkForm, readForm, submit } from './form.ts';
import { answerPage, type Page } from './layout.ts';

export const factorPageRoutes = createRouter();

factorPageRoutes.onError((error, c) => {
  if (error instanceof ProblemError && error.code === 'NOT_AUTHENTICATED') return c.redirect('/sign-in', 303);
  return answerError(error, c);
});

const OWN = '/welcome/factor';
const guarded = gate({ limits: ownFactorRules });
const asPage = scripted();

factorPageRoutes.get('/sign-in/factor', asPage, (c) => answerPage(c, factorPage()));
factorPageRoutes.post('/sign-in/factor', asPage, async (c) => {
  const { code, credential } = await readForm(c, ['code', 'credential']);
  return submit(
    c,
    async () => {
      const proof = credential === undefined ? proofOf(code) : { passkey: parsed(credential) };
      await completeSignIn(c, checkForm(completionSchema, proof));
      return c.redirect('/welcome', 303);
    },
    () => factorPage(),
  );
});

factorPageRoutes.get(OWN, gate({}), asPage, async (c) => answerPage(c, await ownPage(c)));
factorPageRoutes.post(`${OWN}/begin`, guarded, asPage, async (c) => {
  const page = await ownPage(c);
  return submit(
    c,
    async () => answerPage(c, newAppPage(await beginFactor(c.var))),
    () => page,
  );
});
factorPageRoutes.post(`${OWN}/confirm`, guarded, async (c) => {
  const { code } = await readForm(c, ['code']);
  return submit(
    c,
    async () => {
      const proof = checkForm(confirmationSchema, { code: asTyped(code) });
      return answerPage(c, recoveryCodesPage(await confirmFactor(c.var, c, proof.code)));
    },
    () => confirmPage(),
  );
});
factorPageRoutes.post(`${OWN}/codes`, guarded, asPage, (c) =>
  withProof(c, async (proof) => answerPage(c, recoveryCodesPage(await renewCodes(c.var, c, proof)))),
);
factorPageRoutes.post(`${OWN}/again`, guarded, asPage, (c) =>
  withProof(c, async (proof) => {
    await proveAgain(c.var, c, proof);
    return c.redirect(OWN, 303);
  }),
);
factorPageRoutes.post(`${OWN}/remove`, guarded, asPage, (c) =>
  withProof(c, async (proof) => {
    await removeFactor(c.var, c, proof);
    return c.redirect(OWN, 303);
  }),
);
factorPageRoutes.post(`${OWN}/passkeys`, guarded, asPage, async (c) => {
  const { name, credential } = await readForm(c, ['name', 'credential']);
  const page = await ownPage(c);
  return submit(
    c,
    async () => {
      await addPasskey(c.var, c, checkForm(newPasskeySchema, { name, credential: parsed(credential) }));
      return c.redirect(OWN, 303);
    },
    () => page,
  );
});
factorPageRoutes.post(`${OWN}/passkeys/:id/remove`, guarded, asPage, async (c) => {
  const page = await ownPage(c);
  return submit(
    c,
    async () => {
      await removePasskey(c.var, c, c.req.param('id'));
      return c.redirect(OWN, 303);
    },
    () => page,
  );
});
// A browser may open the URL of a form with GET, for example after a reload.
factorPageRoutes.get(`${OWN}/*`, (c) => c.redirect(OWN, 303));

/** Reads a proof from a form, and runs an action with it. */
async function withProof(
  c: Context<AppEnv>,
  act: (proof: ReturnType<typeof checkedProof>) => Promise<Response>,
): Promise<Response> {
  const { code } = await readForm(c, ['code']);
  const page = await ownPage(c);
  return submit(
    c,
    () => act(checkedProof(code)),
    () => page,
  );
}

const checkedProof = (code: string | undefined) => checkForm(proofSchema, proofOf(code));

/** Tells a code of the app from a recovery code, which has 22 characters. */
function proofOf(text: string | undefined) {
  const typed = asTyped(text);
  return typed?.length === 22 ? { recoveryCode: typed } : { code: typed };
}

/** @throws {ProblemError} 400 for a text that is not JSON. */
function parsed(credential: string | undefined): unknown {
  try {
    return JSON.parse(credential ?? '');
  } catch {
    throw invalidField('credential', 'must be the answer of a browser');
  }
}

async function ownPage(c: Context<AppEnv>): Promise<Page> {
  const [hasFactor, passkeys] = await Promise.all([hasOwnFactor(c.var), listPasskeys(c.var)]);
  return ownFactorPage({ hasFactor, passkeys });
}
