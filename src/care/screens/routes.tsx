/** `/care`: the addresses of the pages, and the answers to their requests. */
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { routePath } from 'hono/route';
import { type AppEnv, createRouter, ProblemError, problemOf, scripted } from '../../platform/http/index.ts';
import { shownPath } from '../row-id.ts';
import { accessesScreen } from './accesses.tsx';
import { accountScreen, postEntry, reverseEntry } from './account.tsx';
import { accountsScreen, openAccountOf } from './accounts.tsx';
import { at, backTo } from './addresses.ts';
import { apiOf, type Operations, operationsOf, type Who } from './api.ts';
import { appointmentScreen } from './appointment.tsx';
import { boardScreen } from './board.tsx';
import { bookingScreen, bookVisit } from './booking.tsx';
import { addConsent, consentsScreen, revokeConsent } from './consents.tsx';
import { daysScreen } from './days.tsx';
import { confirmEmergency, confirmScreen, emergencyScreen, startEmergency } from './emergency.tsx';
import { downloadExport, exportScreen, exportsScreen, startExport } from './exports.tsx';
import { hallwayScreen } from './hallway.tsx';
import { firstPage, Layout } from './layout.tsx';
import { ledgerScreen } from './ledger.tsx';
import { moveAction } from './moves.tsx';
import { patientScreen } from './patient.tsx';
import { findPatients, patientsScreen } from './patients.tsx';
import { addRecord, amendRecord, recordScreen } from './record.tsx';
import { recordsScreen } from './records.tsx';
import { emergenciesScreen, reviewEmergency } from './reviews.tsx';
import { setDepartments, staffScreen } from './staff.tsx';
import { assign, endPlace, teamScreen } from './team.tsx';
import type { Action, Page, Screen, Visit } from './visit.ts';

const SCREENS: readonly Screen[] = [
  ...[boardScreen, hallwayScreen, patientsScreen, patientScreen, recordsScreen, recordScreen, consentsScreen],
  ...[accessesScreen, emergencyScreen, emergenciesScreen, confirmScreen],
  ...[bookingScreen, daysScreen, appointmentScreen, teamScreen, staffScreen],
  ...[accountsScreen, accountScreen, ledgerScreen, exportsScreen, exportScreen],
];
const ACTIONS: readonly Action[] = [
  ...[moveAction, findPatients, addRecord, amendRecord, addConsent, revokeConsent],
  ...[startEmergency, confirmEmergency, reviewEmergency],
  ...[setDepartments, bookVisit, assign, endPlace, openAccountOf, postEntry, reverseEntry, startExport, downloadExport],
];

/**
 * Creates the routes. `routers` have the operations that the pages call: those of the care area with the middleware of
 * its audit trail, and those of sign-in.
 */
export function careScreens(routers: () => readonly OpenAPIHono<AppEnv>[]): OpenAPIHono<AppEnv> {
  let made: Operations | undefined;
  const operations = () => {
    made ??= operationsOf(routers());
    return made;
  };
  const router = createRouter();
  router.onError((error, c) => {
    // A browser without a session is redirected to the sign-in page.
    if (error instanceof ProblemError && error.code === 'NOT_AUTHENTICATED') return c.redirect('/sign-in', 303);
    return showProblem(c, problemOf(error, c));
  });

  const asPage = scripted({ swaps: true });
  router.get(at.home, asPage, async (c) => {
    const { me } = await open(c, operations);
    const first = firstPage(me);
    if (first === null) throw new ProblemError(403, 'NOT_ALLOWED', 'Your role has no part in the care area');
    return c.redirect(first, 303);
  });
  for (const { path, show } of SCREENS) {
    router.get(path, asPage, async (c) => {
      const visit = await open(c, operations);
      return answerPage(c, visit, await show(visit));
    });
  }
  for (const { path, act } of ACTIONS) {
    router.post(path, asPage, async (c) => {
      const visit = await open(c, operations);
      const next = await act(visit);
      c.header('cache-control', 'no-store');
      if (next instanceof Response) return next;
      if (typeof next !== 'string') return answerPage(c, visit, next);
      return c.redirect(next, 303);
    });
  }
  return router;
}

/** The caller of a request, for the menu of a page with a problem. */
const callers = new WeakMap<Context<AppEnv>, Who>();

/** Finds out the caller, whose rights decide which operations a page calls. 1 request to Redis. */
async function open(c: Context<AppEnv>, operations: () => Operations): Promise<Visit> {
  c.set('pathInLog', shownPath(routePath(c), c.req.path));
  const api = apiOf(c, operations);
  const me = await api.get<Who>('/auth/session');
  const body = c.req.method === 'POST' ? await c.req.parseBody() : {};
  const fields = Object.fromEntries(
    Object.entries(body).filter((field): field is [string, string] => typeof field[1] === 'string'),
  );
  callers.set(c, me);
  return { c, api, me, now: c.var.scope.system.now(), fields };
}

function answerPage(c: Context<AppEnv>, { me, now }: Visit, page: Page): Response | Promise<Response> {
  c.header('cache-control', 'no-store');
  return c.html(<Layout page={page} path={c.req.path} me={me} now={now} />, page.status ?? 200);
}

/** Answers with a problem as a page. */
async function showProblem(c: Context<AppEnv>, problem: ProblemError): Promise<Response> {
  for (const [name, value] of Object.entries(problem.headers)) c.header(name, value);
  c.header('cache-control', 'no-store');
  c.set('hasScripts', 'swapping');
  const fields: Record<string, unknown> = c.req.method === 'POST' ? await c.req.parseBody().catch(() => ({})) : {};
  const back = fields['back'];
  const content = (
    <>
      <div class="problem" role="alert">
        <p>{problem.message}</p>
        {problem.fields.length > 0 && (
          <ul>
            {problem.fields.map(({ field, message }) => (
              <li>{`${field} ${message}`}</li>
            ))}
          </ul>
        )}
        {problem.code === 'SECOND_FACTOR_REQUIRED' && (
          <p>
            <a href="/welcome/factor">Your second factor</a>
          </p>
        )}
        <p class="soft">
          {problem.code} · request {c.var.scope.requestId}
        </p>
      </div>
      <p>
        <a class="button" href={backTo(typeof back === 'string' ? back : undefined)}>
          Back
        </a>
      </p>
    </>
  );
  const page = { title: 'This did not work', content };
  return c.html(
    <Layout page={page} path={c.req.path} me={callers.get(c)} now={c.var.scope.system.now()} />,
    problem.status,
  );
}
