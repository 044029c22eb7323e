/** Checks that the app answers at its public addresses. */
import { z } from 'zod';
import { type Finding, PATIENCE_MS, reasonOf, type Variables } from './finding.ts';

const readySchema = z.object({ status: z.enum(['ok', 'degraded', 'down']) });
const DEPLOY = 'Deploy the app, or correct APP_URL; before the first deployment, use --before-deployment';

/** Checks `APP_URL`, and `JOBS_URL` if it is set. 1 request each. */
export async function checkApp({ APP_URL: appUrl, JOBS_URL: jobsUrl }: Variables): Promise<Finding[]> {
  const [app, jobs] = await Promise.all([
    appUrl && URL.canParse(appUrl) ? checkAppUrl(new URL(appUrl)) : [],
    jobsUrl && URL.canParse(jobsUrl) ? checkJobsUrl(new URL(jobsUrl)) : [],
  ]);
  return [...app, ...jobs];
}

async function checkAppUrl(url: URL): Promise<Finding[]> {
  const path: Finding[] =
    url.pathname === '/'
      ? []
      : [{ part: 'app', outcome: 'warning', text: 'APP_URL has a path, which is ignored', cure: 'Remove the path' }];
  return [...path, await readinessAt(url)];
}

async function readinessAt(url: URL): Promise<Finding> {
  try {
    const answer = await fetch(new URL('/health/ready', url), request());
    const ready = readySchema.safeParse(await answer.json().catch(() => null));
    if (!ready.success) return failed(`APP_URL answers with ${answer.status}, and not as this app does`, DEPLOY);
    if (ready.data.status === 'ok') return { part: 'app', outcome: 'ok', text: 'answers at APP_URL, and is ready' };
    const cure = 'GET /health/ready shows which server it does not reach, and its log the reason';
    return ready.data.status === 'degraded'
      ? { part: 'app', outcome: 'warning', text: 'answers at APP_URL, and does not reach Redis', cure }
      : failed('answers at APP_URL, and does not reach PostgreSQL', cure);
  } catch (error) {
    return failed(`no answer at APP_URL (${reasonOf(error)})`, DEPLOY);
  }
}

/** The function of deliveries has no health check; any answer shows that QStash reaches it. */
async function checkJobsUrl(url: URL): Promise<Finding[]> {
  try {
    await fetch(url, request());
    return [{ part: 'app', outcome: 'ok', text: 'answers at JOBS_URL' }];
  } catch (error) {
    return [failed(`no answer at JOBS_URL (${reasonOf(error)})`, 'Correct JOBS_URL, to which QStash delivers')];
  }
}

function request(): RequestInit {
  return { redirect: 'manual', signal: AbortSignal.timeout(PATIENCE_MS) };
}

function failed(text: string, cure: string): Finding {
  return { part: 'app', outcome: 'failed', text, cure };
}
