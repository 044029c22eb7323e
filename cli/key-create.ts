/** `key create`: creates an API key of a tenant, which may be the tenant's first key. */
import '../src/app/modules.ts';
import {
  createApiKey,
  fullKey,
  newApiKeySchema,
  newKeySecret,
  OPERATOR_GRANTS,
  toApiKey,
} from '../src/identity/index.ts';
import { type Duration, milliseconds } from '../src/platform/duration.ts';
import { grantableRights } from '../src/platform/http/index.ts';
import { check } from './check.ts';
import { type Command, optional, required } from './command.ts';
import { holdTenant, TENANT_OPTION } from './tenant.ts';
import { UsageError } from './usage-error.ts';

export const keyCreate: Command = {
  name: 'key create',
  summary: 'Creates an API key and shows it once',
  options: {
    ...TENANT_OPTION,
    rights: { type: 'string', value: 'list', help: `Separated by commas, of: ${grantableRights().join(' ')}` },
    name: { type: 'string', value: 'text', help: 'Shown in the list of keys. Default: command line' },
    expires: {
      type: 'string',
      value: 'when',
      help: 'A time from now (90d, 12h) or a day (2027-01-31). Default: never',
    },
  },
  example: 'key create --tenant acme --rights crm:read --name report --expires 90d',
  async run(input, { system, commit }) {
    const tenant = required(input, 'tenant');
    const expires = optional(input, 'expires');
    const typed = {
      name: optional(input, 'name') ?? 'command line',
      rights: required(input, 'rights')
        .split(',')
        .map((each) => each.trim()),
      expiresAt: expires === undefined ? null : endOf(expires, system.now()),
    };
    const names = { name: '--name', rights: '--rights', expiresAt: '--expires' };
    const { name, rights, expiresAt } = check(newApiKeySchema, typed, names);
    const wanted = { name, rights: [...new Set(rights)], expiresAt: expiresAt === null ? null : new Date(expiresAt) };
    const secret = newKeySecret(system);
    const row = await commit(tenant, async (tx) => {
      await holdTenant(tx);
      const made = await createApiKey(tx, OPERATOR_GRANTS, { userId: null, keyId: null }, wanted, secret.hash);
      const data = { rights: made.rights, expiresAt };
      await tx.audit({ action: 'api-key.created', entity: { type: 'api-key', id: made.id }, data });
      return made;
    });
    const key = fullKey(tenant, row.id, secret);
    const about = `Created the API key ${row.id} of ${tenant} with the rights ${row.rights.join(', ')}. It is shown only now:`;
    return { lines: [about, '', key], json: { ...toApiKey(row), key } };
  },
};

/** Returns the expiry of a key in ISO 8601, from a duration or a date. */
function endOf(text: string, now: number): string {
  const at = /^\d+(ms|s|m|h|d)$/.test(text) ? now + milliseconds(text as Duration) : Date.parse(text);
  if (Number.isNaN(at) || at > 8.64e15)
    throw new UsageError('--expires must be a time from now (90d) or a day (2027-01-31)');
  if (at <= now) throw new UsageError('--expires must be in the future');
  return new Date(at).toISOString();
}
