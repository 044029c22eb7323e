/** The roles of users in a tenant: the values of the database's enum. Modules define the rights of each role. */
import { z } from '@hono/zod-openapi';
import { Role } from '#prisma/enums';

export type { Role } from '#prisma/enums';

/** Every role. */
export const roles = Object.values(Role);

export const roleSchema = z.enum(roles);
