/** Identity: sign-up, sign-in, sessions, passwords, invitations. */

export { apiKeyRecord, apiKeyTag } from './api-key-record.ts';
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
export { endSession, endSessions } from './end-sessions.ts';
export {
  holdGrants,
  lockGrants,
  OPERATOR_GRANTS,
  requireAppointment,
  requireGrant,
  requireOwnerLeft,
} from './grants.ts';
export { endInvitation } from './invitation.ts';
export { addInvitedUser } from './invite.ts';
export { mailInvitation, mailTo } from './jobs.ts';
export { identity } from './module.ts';
export { type Role, roleSchema, roles } from './roles.ts';
export { inviteSchema, newTenantSchema } from './schema.ts';
export { person } from './sessions.ts';
export { userTags } from './tags.ts';
