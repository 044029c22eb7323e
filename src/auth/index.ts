/** Who somebody is: signing up and in, sessions, passwords, invitations. */
export { authJobs } from './jobs.ts';
export { authRoutes } from './routes.ts';
export { authSchedules } from './schedules.ts';
export { userTags } from './tags.ts';
