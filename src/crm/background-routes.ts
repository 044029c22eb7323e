/** The routes that start or follow background work. Not cached: the status changes while the job runs. */
import { createRouter } from '../platform/http/index.ts';
import { exportRoutes } from './exports/routes.ts';
import { importRoutes } from './imports/routes.ts';
import { LARGEST_FILE } from './imports/schema.ts';
import { notificationRoutes } from './notifications/routes.ts';
import { webhookRoutes } from './webhooks/routes.ts';

export const crmBackgroundRoutes = createRouter();
crmBackgroundRoutes.route('/', importRoutes);
crmBackgroundRoutes.route('/', exportRoutes);
crmBackgroundRoutes.route('/', notificationRoutes);
crmBackgroundRoutes.route('/', webhookRoutes);

/** Routes that take larger bodies than others, in bytes. */
export const crmBodyLimits: ReadonlyMap<string, number> = new Map([['/imports/contacts', LARGEST_FILE]]);
