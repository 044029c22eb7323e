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
  example: 'key revoke 0123456789ab --tenant acme',
  async run(input, place) {
    const [id = ''] = input.words;
    const revoked = await place.commit(required(input, 'tenant'), async (tx) => {
      await holdTenant(tx);
      const keys = await revokeApiKey(tx, OPERATOR_GRANTS, id);
      await tx.audit({ action: 'api-key.revoked', entity: { type: 'api-key', id }, data: { keys } });
      return keys;
    });
    return { lines: [`Revoked ${revoked.join(', ')}; refused ${whenItTakesEffect(place)}`], json: { revoked } };
  },
};
