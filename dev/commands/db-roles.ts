/**
 * `npm run db:roles -- --print`: prints the SQL that creates the roles of the database. `-- --apply` executes it on the
 * database of DATABASE_URL or, by default, of the local cloud, in one transaction.
 */
import { parseArgs } from 'node:util';
import pg from 'pg';
import { ROLES, rolesSql } from '../../prisma/roles.ts';
import { messageOf } from '../cloud/errors.ts';
import { withDatabase } from '../cloud/running.ts';

const USAGE = `npm run db:roles -- --print | --apply [--app <name>] [--sealer <name>]

  --print    prints the SQL
  --apply    executes the SQL on the database of DATABASE_URL, as the owner of its tables
  --app      the role that the app connects as; default: ${ROLES.app}
  --sealer   the role that gives entries of the audit trail their seal; default: ${ROLES.sealer}`;

try {
  const { values } = parseArgs({
    options: {
      print: { type: 'boolean', default: false },
      apply: { type: 'boolean', default: false },
      app: { type: 'string', default: ROLES.app },
      sealer: { type: 'string', default: ROLES.sealer },
    },
  });
  const { print, apply, app, sealer } = values;
  if (print === apply) throw new Error(`Choose one of --print and --apply.\n\n${USAGE}`);
  const sql = rolesSql({ app, sealer });
  if (print) process.stdout.write(sql);
  else {
    await withDatabase((url) => execute(url, sql));
    console.log(`The app may connect as ${app}. Its audit trail is sealed as ${sealer}.`);
  }
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = 1;
}

async function execute(connectionString: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    await client.query(`BEGIN;\n${sql}\nCOMMIT`);
  } finally {
    await client.end();
  }
}
