/** The deployment of the Lambdas, by osls. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { Finding } from '../cli/doctor/finding.ts';
import { variableNames } from '../src/app/env.ts';
import { commonSteps } from './common.ts';
import type { Steps } from './order.ts';
import { ROOT, runTool, type Variables } from './tools.ts';

const PLACE = 'dist/lambda-package';

interface Service {
  provider: { environment: Record<string, string> };
  functions: Record<string, { events?: unknown[] }>;
}

/** Makes the steps. serverless.yml reads the variables of the shell. */
export function lambdaSteps(variables: Variables, { isBuilt }: { isBuilt: boolean }): Steps {
  const common = commonSteps(variables, { bundle: 'dist/lambda/aws.mjs', isBuilt });
  const { provider, functions } = parse(readFileSync(join(ROOT, 'serverless.yml'), 'utf8')) as Service;
  const hasRate = (functions['scheduled']?.events ?? []).length > 0;
  const place = ['--package', PLACE];
  return {
    ...common,
    settings: async () => [...(await common.settings()), ...lostFindings(variables, provider.environment)],
    async package() {
      await runTool('osls', ['package', ...place], variables);
      return PLACE;
    },
    async upload(build) {
      await runTool('osls', ['deploy', ...place], variables, { isShown: true });
      return build;
    },
    schedules: hasRate ? undefined : async () => void (await runTool('schedules:sync', [], variables)),
    rollback: ['npx osls deploy list', 'npx osls rollback --timestamp <timestamp>'],
  };
}

/** Finds the variables of this deployment that serverless.yml does not hand to the functions. */
export function lostFindings(variables: Variables, handed: object): Finding[] {
  return variableNames()
    .filter((name) => variables[name] && !(name in handed))
    .map((name) => ({
      part: 'environment',
      outcome: 'failed',
      text: `${name} is set here, and serverless.yml does not hand it to the functions`,
      cure: `Add ${name} to provider.environment of serverless.yml`,
    }));
}
