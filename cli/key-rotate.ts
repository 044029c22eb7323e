/** `key rotate`: rotates the secret of a key. */
import { fullKey, newKeySecret, OPERATOR_GRANTS, rotateApiKey, toApiKey } from '../src/identity/index.ts';
import { type Command, required } from './command.ts';
import { holdTenant, TENANT_OPTION } from './tenant.ts';
import { whenItTakesEffect } from './workplace.ts';

export const keyRotate: Command = {
  name: 'key rotate',
  words: ['<id>'],
  summary: 'Rotates the secret of an API key and shows it once',
  options: { ...TENANT_OPTION },
  example: 'key rotate 0123456789ab --tenant acme',
  async run(input, place) {
    const tenant = required(input, 'tenant');
    const [id = ''] = input.words;
    const secret = newKeySecret(place.system);
    const row = await place.commit(tenant, async (tx) => {
      await holdTenant(tx);
      const maker = { userId: null, keyId: null };
      const rotated = await rotateApiKey(tx, OPERATOR_GRANTS, maker, id, secret.hash);
      await tx.audit({ action: 'api-key.rotated', entity: { type: 'api-key', id } });
      return rotated;
    });
    const key = fullKey(tenant, row.id, secret);
    const about = `The old secret of ${row.id} ends ${whenItTakesEffect(place)}. The key is shown only now:`;
    return { lines: [about, '', key], json: { ...toApiKey(row), key } };
  },
};
