/** Every job of the CRM. */
import type { Job } from '../platform/jobs/index.ts';
import { rollUpActivities } from './activities/roll-up.ts';
import { exportContacts, forgetExport } from './exports/job.ts';
import { forgetImport, importContacts } from './imports/job.ts';
import { notificationJobs } from './notifications/job.ts';
import { deliverWebhook } from './webhooks/job.ts';

export const crmJobs: readonly Job[] = [
  importContacts,
  forgetImport,
  exportContacts,
  forgetExport,
  ...notificationJobs,
  deliverWebhook,
  rollUpActivities,
];
