/** `user invite`: adds a user to a tenant and mails the invitation. */
import { addInvitedUser, inviteSchema, roles } from '../src/identity/index.ts';
import { check } from './check.ts';
import { type Command, optional, required } from './command.ts';
import { holdTenant, TENANT_OPTION } from './tenant.ts';

export const userInvite: Command = {
  name: 'user invite',
  words: ['<address>'],
  summary: 'Adds a user to a tenant and mails a sign-in link, which works once within a week',
  options: {
    ...TENANT_OPTION,
    role: { type: 'string', value: 'role', choices: roles, help: 'The role' },
    name: { type: 'string', value: 'text', help: 'Default: the part of the address before @' },
  },
  example: 'user invite ada@acme.example --tenant acme --role owner --name "Ada Byron"',
  async run(input, place) {
    const tenantId = required(input, 'tenant');
    const [email = ''] = input.words;
    const typed = {
      email,
      name: optional(input, 'name') ?? email.split('@')[0] ?? '',
      role: required(input, 'role') as (typeof roles)[number], // `parseCall` has checked the choice.
    };
    const wanted = check(inviteSchema, typed, { email: 'address', name: '--name', role: '--role' });
    const { scope, tenant } = await (await place.app()).tenant(tenantId);
    const id = await tenant.commit(async (tx) => {
      await holdTenant(tx);
      return addInvitedUser(tx, scope, tenant.cache, wanted, 'organization');
    });
    return {
      lines: [`Added ${wanted.email} to ${tenantId} as ${wanted.role}; the invitation is on its way`],
      json: { id, tenant: tenantId, email: wanted.email, role: wanted.role },
    };
  },
};
