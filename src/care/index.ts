/** The care area. So far, it only defines rights. API keys and the role of clinicians can already have these rights. */
import { module } from '../platform/module.ts';

export const care = module({
  name: 'care',
  rights: ['care:read', 'care:write'],
  roles: { clinician: ['care:*'] },
});
