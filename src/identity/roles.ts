/** The roles that people have in a tenant: those of the database's enum. Modules say which rights a role has. */
import { z } from '@hono/zod-openapi';
import { Role } from '#prisma/enums';

export type { Role } from '#prisma/enums';

/** Every role. */
export const roles = Object.values(Role);

export const roleSchema = z.enum(roles);
