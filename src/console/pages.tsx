/** Answers the requests of the console: screens, questions, actions and problems. */
import type { Context } from 'hono';
import type { Child } from 'hono/jsx';
import {
  type AppEnv,
  gate,
  invalidField,
  mayUse,
  type ProblemError,
  type Right,
  requireRight,
} from '../platform/http/index.ts';
import { Hidden } from '../platform/pages/index.ts';
import type { ActionName, ConsoleParts, QuestionName, ScreenName } from './addresses.ts';
import { Layout } from './layout.tsx';
import { backTo, nextPage, sentenceOf } from './outcome.ts';
import type { Action, Asking, Question, Screen, Visit } from './screen.ts';
import * as alerts from './screens/alerts.tsx';
import * as audit from './screens/audit.tsx';
import * as auditEntry from './screens/audit-entry.tsx';
import * as auditSeals from './screens/audit-seals.tsx';
import * as auditVerification from './screens/audit-verification.tsx';
import * as cache from './screens/cache.tsx';
import * as dead from './screens/dead.tsx';
import * as era from './screens/era.tsx';
import * as job from './screens/job.tsx';
import * as jobs from './screens/jobs.tsx';
import * as limits from './screens/limits.tsx';
import * as overview from './screens/overview.tsx';
import * as queues from './screens/queues.tsx';
import * as redis from './screens/redis.tsx';
import * as schedules from './screens/schedules.tsx';
import * as sessions from './screens/sessions.tsx';
import * as streams from './screens/streams.tsx';
import * as tail from './screens/tail.tsx';

const screens: Readonly<Record<ScreenName, Screen>> = {
  overview: overview.screen,
  jobs: jobs.screen,
  job: job.screen,
  dead: dead.screen,
  queues: queues.screen,
  alerts: alerts.screen,
  schedules: schedules.screen,
  cache: cache.screen,
  sessions: sessions.screen,
  redis: redis.screen,
  limits: limits.screen,
  streams: streams.screen,
  tail: tail.screen,
  audit: audit.screen,
  auditEntry: auditEntry.screen,
  auditSeals: auditSeals.screen,
  auditVerification: auditVerification.screen,
};
const questions: Readonly<Record<QuestionName, Question>> = {
  replayDead: dead.replayQuestion,
  pauseQueue: queues.pauseQuestion,
  resumeQueue: queues.resumeQuestion,
  pauseSchedule: schedules.pauseQuestion,
  resumeSchedule: schedules.resumeQuestion,
  invalidateTag: cache.invalidateQuestion,
  newEra: era.question,
  endSessions: sessions.endAllQuestion,
  replayEvents: streams.replayQuestion,
};
const actions: Readonly<Record<ActionName, Action>> = {
  cancelJob: job.cancel,
  runJob: job.runNow,
  replayJob: job.replay,
  replayDead: dead.replayAll,
  pauseQueue: queues.pause,
  resumeQueue: queues.resume,
  runSchedule: schedules.run,
  pauseSchedule: schedules.pause,
  resumeSchedule: schedules.resume,
  invalidateTag: cache.invalidate,
  endSession: sessions.end,
  silence: alerts.silence,
  endSilence: alerts.end,
  newEra: era.begin,
  endSessions: sessions.endAll,
  replayEvents: streams.replay,
  verifyTrail: auditVerification.verify,
};
/** The actions that change nothing, and so need another right than `console:act`. */
const OTHER_RIGHTS: Readonly<Partial<Record<ActionName, Right>>> = { verifyTrail: 'audit:read' };

/** Answers with a screen. The requests that a page sends by itself, to refresh, do not extend the session. */
export function showScreen(c: Context<AppEnv>, name: ScreenName, parts: ConsoleParts): Promise<Response> {
  const { title, access, open, topics = usualTopics } = screens[name];
  let show: ((visit: Visit) => Promise<Child>) | undefined;
  return admitted(c, ['console:view', access], parts, {
    begin: (asking) => {
      show = open(asking);
    },
    async answer(visit) {
      const content = await (show ?? open(visit))(visit);
      return answerPage(c, visit, title, content, topics(visit));
    },
  });
}

/** Answers with a question. Only callers who may act are asked. */
export function showQuestion(c: Context<AppEnv>, name: QuestionName, parts: ConsoleParts): Promise<Response> {
  const { title, ask } = questions[name];
  return admitted(c, ['console:act'], parts, {
    async answer(visit) {
      const { text, button, fields = {} } = await ask(visit);
      const back = visit.c.req.query('back') ?? '';
      const content = (
        <form method="post" class="question">
          <p>{text}</p>
          <Hidden fields={{ ...fields, back }} />
          <p class="buttons">
            <button type="submit" class="danger">
              {button}
            </button>{' '}
            <a href={backTo(back)}>Back</a>
          </p>
        </form>
      );
      return answerPage(c, visit, title, content, []);
    },
  });
}

/**
 * Runs an action, which adds its own entry to the audit trail, and redirects to the page that reports its outcome.
 */
export function act(c: Context<AppEnv>, name: ActionName, parts: ConsoleParts): Promise<Response> {
  const other = OTHER_RIGHTS[name];
  return admitted(c, other === undefined ? ['console:act'] : ['console:view', other], parts, {
    async answer(visit) {
      const body = await c.req.parseBody();
      const fields = Object.fromEntries(
        Object.entries(body).filter((field): field is [string, string] => {
          return typeof field[1] === 'string';
        }),
      );
      requireStorable(Object.entries(fields));
      const { done, count, to } = await actions[name](visit, fields);
      visit.scope.log.info('console.acted', { action: name, path: c.req.path, count, by: visit.caller.id });
      return c.redirect(nextPage(to ?? fields['back'], done, count), 303);
    },
  });
}

/** Answers with a problem as a page. */
export function showProblem(c: Context<AppEnv>, problem: ProblemError): Response | Promise<Response> {
  for (const [name, value] of Object.entries(problem.headers)) c.header(name, value);
  c.header('cache-control', 'no-store');
  c.set('hasScripts', 'swapping');
  const lines = problem.fields.map(({ field, message }) => `${field} ${message}`);
  return c.html(
    <Layout title="This did not work" path={c.req.path}>
      <div class="problem" role="alert">
        <p>{problem.message}</p>
        {lines.length > 0 && (
          <ul>
            {lines.map((line) => (
              <li>{line}</li>
            ))}
          </ul>
        )}
        <p class="soft">
          {problem.code} · request {c.get('scope').requestId}
        </p>
      </div>
      <p>
        <a href="/console">To the console</a>
      </p>
    </Layout>,
    problem.status,
  );
}

interface Admission {
  begin?(asking: Asking): void;
  answer(visit: Visit): Promise<Response>;
}

/** Lets callers with the rights pass. Reads that begin with the gate's lookups share their request to Redis. */
async function admitted(
  c: Context<AppEnv>,
  [access, other]: ['console:view' | 'console:act', Right?],
  parts: ConsoleParts,
  { begin, answer }: Admission,
): Promise<Response> {
  const { scope } = c.var;
  const now = scope.system.now();
  let response: Response | undefined;
  const isUse = c.req.header('x-console-refresh') === undefined;
  await gate({
    access,
    isUse,
    prefetch: (_cache, _c, tenant) => begin?.({ c, scope, tenant, parts, now }),
  })(c, async () => {
    const { tenant, caller } = c.var;
    if (other !== undefined) requireRight(caller, other);
    requireStorable(new URL(c.req.url).searchParams);
    const { OPERATOR_TENANT } = scope.environment;
    response = await answer({
      ...{ c, scope, tenant, parts, now, caller },
      mayAct: mayUse(caller, 'console:act'),
      isOperator: OPERATOR_TENANT !== undefined && tenant.tenant === OPERATOR_TENANT,
    });
  });
  if (!response) throw new Error('The gate neither refused nor passed the request');
  return response;
}

/**
 * Refuses values with NUL, which no text in PostgreSQL has: a query with it would be an error of the database.
 * @throws {ProblemError} 400
 */
function requireStorable(values: Iterable<readonly [string, string]>): void {
  for (const [field, value] of values) {
    if (value.includes('\0')) throw invalidField(field, 'must not contain control characters');
  }
}

function usualTopics({ isOperator }: Visit): readonly string[] {
  return isOperator ? ['jobs', 'service'] : ['jobs'];
}

function answerPage(
  c: Context<AppEnv>,
  visit: Visit,
  title: string,
  content: Child,
  topics: readonly string[],
): Response | Promise<Response> {
  c.header('cache-control', 'no-store');
  const { searchParams } = new URL(c.req.url);
  return c.html(
    <Layout title={title} path={c.req.path} visit={visit} told={sentenceOf(searchParams)} topics={topics}>
      {content}
    </Layout>,
  );
}
