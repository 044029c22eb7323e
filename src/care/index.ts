/** The care area. So far, it only defines rights. API keys and the role of clinicians can already have these rights. */
import { module } from '../platform/module.ts';
import { policies } from '../platform/sessions/index.ts';

export const care = module({
  name: 'care',
  rights: ['care:read', 'care:write'],
  roles: { clinician: ['care:*'] },
  // A sign-in at a fourth workstation ends the session unused for longest: a refusal would keep a clinician from a patient.
  sessions: { ...policies.aal3, touch: '1m', onCap: 'evict-idle', sealed: true },
});
