/** Prisma's client and its driver for node-postgres. {@link loadLibraries} loads them at the first query. */
export { PrismaPg } from '@prisma/adapter-pg';
export { PrismaClient } from '#prisma';
