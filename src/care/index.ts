/**
 * The care area: patients, their records and visits. Its rights are restricted, so owners and administrators have none
 * of them: the people who manage a tenant do not care for its patients.
 */
import { module } from '../platform/module.ts';

export const care = module({
  name: 'care',
  restricted: [
    ...(['care:patients:read', 'care:patients:write', 'care:records:read', 'care:records:write'] as const),
    ...(['care:flow:read', 'care:flow:move', 'care:billing:read', 'care:billing:write'] as const),
    ...(['care:break-glass', 'care:break-glass:approve', 'care:break-glass:review', 'care:audit:read'] as const),
  ],
  roles: {
    reception: [
      ...['care:patients:read', 'care:patients:write', 'care:flow:read', 'care:flow:move', 'care:billing:read'],
    ],
    nurse: ['care:patients:read', 'care:records:read', 'care:records:write', 'care:flow:read', 'care:flow:move'],
    clinician: [
      ...['care:patients:read', 'care:records:read', 'care:records:write', 'care:flow:read', 'care:flow:move'],
      ...['care:break-glass', 'care:break-glass:approve'],
    ],
    biller: ['care:patients:read', 'care:billing:read', 'care:billing:write'],
    care_auditor: ['care:audit:read', 'care:break-glass:review'],
  },
});
