/** Every route of the CRM. */
import { createRouter } from '../platform/http/index.ts';
import { analyticsRoutes } from './analytics/routes.ts';
import { companyRoutes } from './companies/routes.ts';
import { contactRoutes } from './contacts/routes.ts';
import { dashboardRoutes } from './dashboards/routes.ts';
import { dealRoutes } from './deals/routes.ts';
import { projectRoutes } from './projects/routes.ts';
import { taskRoutes } from './tasks/routes.ts';
import { userRoutes } from './users/routes.ts';

export const crmRoutes = createRouter();
crmRoutes.route('/', userRoutes);
crmRoutes.route('/', companyRoutes);
crmRoutes.route('/', contactRoutes);
crmRoutes.route('/', dealRoutes);
crmRoutes.route('/', projectRoutes);
crmRoutes.route('/', taskRoutes);
crmRoutes.route('/', dashboardRoutes);
crmRoutes.route('/', analyticsRoutes);
