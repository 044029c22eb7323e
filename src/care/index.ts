/** The care area. It only defines rights so far, which API keys and the role of clinicians can already have. */
import { module } from '../platform/module.ts';

export const care = module({
  name: 'care',
  rights: ['care:read', 'care:write'],
  roles: { clinician: ['care:*'] },
});
