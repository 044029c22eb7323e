/** `doctor`: checks the environment and the servers of a deployment, and names the cure of each fault. */
import type { Command, Report } from './command.ts';
import { checkApp } from './doctor/app.ts';
import { checkEnvironment } from './doctor/environment.ts';
import type { Finding } from './doctor/finding.ts';
import { checkPostgres } from './doctor/postgres.ts';
import { checkQstash } from './doctor/qstash.ts';
import { checkRedis } from './doctor/redis.ts';
import { UsageError } from './usage-error.ts';
import type { Workplace } from './workplace.ts';

export const doctor: Command = {
  name: 'doctor',
  summary: 'Checks the variables and the servers of a deployment, and names the cure of each fault',
  options: {
    'before-deployment': { type: 'boolean', help: 'Leaves APP_URL and JOBS_URL out, where no app answers yet' },
    exercise: { type: 'boolean', help: 'Instead: uses the configured Redis as a cache, and removes its keys again' },
  },
  example: 'doctor --env-file .env',
  async run({ options }, place) {
    if (options['exercise'] === true) return exerciseRedis(place);
    const { environment, system } = place;
    const now = () => system.now();
    const found = await Promise.all([
      checkEnvironment(environment),
      checkRedis(environment, now),
      checkPostgres(environment, now),
      checkQstash(environment),
      options['before-deployment'] === true ? [] : checkApp(environment),
    ]);
    return reportOf(found.flat());
  },
};

function reportOf(findings: readonly Finding[]): Report {
  const count = (outcome: Finding['outcome']) => findings.filter((finding) => finding.outcome === outcome).length;
  const [failed, warnings] = [count('failed'), count('warning')];
  return {
    lines: [
      ...findings.flatMap(({ part, outcome, text, cure }) => [
        `${outcome.padEnd(7)}  ${part.padEnd(11)}  ${text}`,
        ...(cure ? [`${' '.repeat(22)}→ ${cure}`] : []),
      ]),
      `${findings.length} checks, ${failed} failed, ${warnings} with a warning`,
    ],
    json: { ok: failed === 0, findings },
    exitCode: failed === 0 ? 0 : 1,
  };
}

async function exerciseRedis({ environment, progress }: Workplace): Promise<Report> {
  const { UPSTASH_REDIS_REST_URL: url, UPSTASH_REDIS_REST_TOKEN: token } = environment;
  if (!url || !token) throw new UsageError('Set UPSTASH_REDIS_REST_URL and UPSTASH_REDIS_REST_TOKEN');
  const { exercise } = await import('./exercise/exercise.ts');
  return exercise({ url, token }, progress);
}
