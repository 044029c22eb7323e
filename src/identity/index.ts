/** Identity: sign-up, sign-in, sessions, passwords, invitations. */

export { newApiKeySchema, toApiKey } from './api-key-schema.ts';
export {
  apiKeyColumns,
  createApiKey,
  endKeysOfUser,
  fullKey,
  newKeySecret,
  revokeApiKey,
  rotateApiKey,
} from './api-keys.ts';
export { holdGrants, lockGrants, OPERATOR_GRANTS, requireGrant, requireOwnerLeft } from './grants.ts';
export { endInvitation } from './invitation.ts';
export { authJobs, mailInvitation } from './jobs.ts';
export { authRoutes } from './routes.ts';
export { authSchedules } from './schedules.ts';
export { newTenantSchema } from './schema.ts';
export { person } from './sessions.ts';
export { userTags } from './tags.ts';
