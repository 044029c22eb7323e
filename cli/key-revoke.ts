/** `key revoke`: revokes a key and every key that was created with it. */
import { OPERATOR_GRANTS, revokeApiKey } from '../src/identity/index.ts';
import { type Command, required } from './command.ts';
import { holdTenant, TENANT_OPTION } from './tenant.ts';
import { whenItTakesEffect } from './workplace.ts';

export const keyRevoke: Command = {
  name: 'key revoke',
  words: ['<id>'],
  summary: 'Revokes an API key and every key that was created with it',
  options: { ...TENANT_OPTION },
  async run(input, place) {
    const revoked = await place.commit(required(input, 'tenant'), async (tx) => {
      await holdTenant(tx);
      return revokeApiKey(tx, OPERATOR_GRANTS, input.words[0] ?? '');
    });
    return { lines: [`Revoked ${revoked.join(', ')}; refused ${whenItTakesEffect(place)}`], json: { revoked } };
  },
};
