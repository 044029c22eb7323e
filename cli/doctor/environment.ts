/** Checks the environment variables by name. */
import { EnvironmentError, readEnvironment, variableNames } from '../../src/app/env.ts';
import { nearest } from '../nearest.ts';
import type { Finding, Variables } from './finding.ts';

const NEW_KEY = 'Set it to k1: and the output of `openssl rand -base64 32`, and keep it for all later deployments';
const QSTASH = 'Copy it from QStash’s console';
const REDIS = 'Copy it from the REST API of the database in Upstash’s console';

/** Where the value of a variable comes from. */
const SOURCES: Readonly<Record<string, string>> = {
  UPSTASH_REDIS_REST_URL: REDIS,
  UPSTASH_REDIS_REST_TOKEN: REDIS,
  DATABASE_URL:
    'Copy the connection string from the database’s provider; on Workers the HYPERDRIVE binding replaces it',
  AUTH_KEYS: NEW_KEY,
  APP_URL: 'Set it to the public URL of the API, without a path',
  QSTASH_TOKEN: QSTASH,
  QSTASH_CURRENT_SIGNING_KEY: QSTASH,
  QSTASH_NEXT_SIGNING_KEY: QSTASH,
  MAIL_TOKEN: 'Create an API key at the mail provider',
};

/** The consequence of a variable that is not set. A deployment works without these variables. */
const RECOMMENDED: Readonly<Record<string, readonly [consequence: string, cure: string]>> = {
  SEAL_KEYS: ['no sealed value can be stored: webhooks, sessions of clinicians, the care area', NEW_KEY],
  AUDIT_SIGNING_KEYS: ['the audit trail is not sealed', NEW_KEY],
  OPERATOR_TENANT: ['no user can manage queues and schedules', 'Set it to the slug of your own tenant'],
  ALERT_MAIL_TO: ['no mail tells of alerts', 'Set it to the addresses of the operators; see docs/alerts.md'],
};

/** Checks the variables. Without I/O. */
export function checkEnvironment(variables: Variables): Finding[] {
  return [...problemsOf(variables), ...missingOf(variables), ...misspelledIn(variables)];
}

function problemsOf(variables: Variables): Finding[] {
  try {
    readEnvironment(variables);
    return [{ part: 'environment', outcome: 'ok', text: 'every variable is usable' }];
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    return error.problems.map(({ variable, problem }): Finding => {
      const cure = SOURCES[variable];
      return { part: 'environment', outcome: 'failed', text: `${variable} ${problem}`, ...(cure && { cure }) };
    });
  }
}

function missingOf(variables: Variables): Finding[] {
  return Object.entries(RECOMMENDED)
    .filter(([name]) => !variables[name])
    .map(([name, [consequence, cure]]) => ({
      part: 'environment',
      outcome: 'warning',
      text: `${name} is not set: ${consequence}`,
      cure,
    }));
}

/** Finds variables that no part of the app reads, and whose names resemble a variable that is not set. */
function misspelledIn(variables: Variables): Finding[] {
  const unset = variableNames().filter((name) => variables[name] === undefined && name.length > 7);
  return Object.keys(variables).flatMap((name): Finding[] => {
    if (variables[name] === undefined || variableNames().includes(name) || name.length < 8) return [];
    const meant = nearest(name, unset);
    if (meant === undefined) return [];
    const text = `${name} is not read`;
    return [{ part: 'environment', outcome: 'warning', text, cure: `Rename it, if you mean ${meant}` }];
  });
}
