/** `tenant create`: creates a tenant and, with `--owner-email`, its first owner, who signs in with a mailed code. */
import { mailInvitation, newTenantSchema, userTags } from '../src/identity/index.ts';
import { enqueue } from '../src/platform/jobs/index.ts';
import { check } from './check.ts';
import { type Command, optional } from './command.ts';
import { UsageError } from './usage-error.ts';

export const tenantCreate: Command = {
  name: 'tenant create',
  words: ['<slug>'],
  summary: 'Creates a tenant and invites its first owner',
  options: {
    name: { type: 'string', value: 'text', help: 'The name of the company. Default: the slug' },
    currency: { type: 'string', value: 'code', help: 'ISO 4217. Default: EUR' },
    'owner-email': { type: 'string', value: 'address', help: 'The first owner: the deployment mails an invitation' },
    'owner-name': { type: 'string', value: 'text', help: 'Default: the part of the address before @' },
  },
  example: 'tenant create acme --name "Acme Ltd" --currency EUR',
  async run(input, { system, commit }) {
    const [slug = ''] = input.words;
    const email = optional(input, 'owner-email');
    if (email === undefined && optional(input, 'owner-name') !== undefined) {
      throw new UsageError('--owner-name needs --owner-email');
    }
    const typed = {
      tenant: slug,
      company: optional(input, 'name') ?? slug,
      currency: optional(input, 'currency') ?? 'EUR',
      ...(email === undefined ? {} : { email, name: optional(input, 'owner-name') ?? email.split('@')[0] }),
    };
    const names = {
      company: '--name',
      tenant: 'slug',
      currency: '--currency',
      email: '--owner-email',
      name: '--owner-name',
    };
    const wanted = check(newTenantSchema, typed, names);
    const owner = wanted.email === undefined ? null : { id: system.rowId('user'), email: wanted.email };
    await commit(wanted.tenant, async (tx) => {
      const createdAt = new Date(system.now());
      if (await tx.db.tenant.findUnique({ where: { id: tx.tenant }, select: { id: true } })) {
        throw new UsageError(`There is a tenant ${tx.tenant} already`);
      }
      const { company, currency, name = '' } = wanted;
      await tx.db.tenant.create({ data: { id: tx.tenant, name: company, currency, createdAt } });
      await tx.audit({ action: 'tenant.created', entity: { type: 'tenant', id: tx.tenant }, data: { currency } });
      if (!owner) return;
      await tx.db.user.create({ data: { tenantId: tx.tenant, ...owner, name, role: 'owner', createdAt } });
      tx.invalidate(...userTags.of(owner));
      await enqueue(tx, mailInvitation, { userId: owner.id });
      const data = { role: 'owner' };
      await tx.audit({ action: 'user.invited', entity: { type: 'user', id: owner.id }, data });
    });
    const made = `Created the tenant ${wanted.tenant}`;
    return {
      lines: [owner ? `${made}; the deployment mails an invitation to ${owner.email} within a minute` : made],
      json: { tenant: wanted.tenant, owner },
    };
  },
};
