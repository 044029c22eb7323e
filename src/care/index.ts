/** The care area: for now its rights, which API keys and the role of clinicians can have already. */
import { module } from '../platform/module.ts';

export const care = module({
  name: 'care',
  rights: ['care:read', 'care:write'],
  roles: { clinician: ['care:*'] },
});
