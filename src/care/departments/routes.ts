/** `/care/staff`: the departments in which nurses work. A nurse reads and writes notes of the patients of these departments. */
import { z } from '@hono/zod-openapi';
import { createRouter, idSchema, ProblemError } from '../../platform/http/index.ts';
import { command, view } from '../../platform/rest/index.ts';
import { departmentSchema } from '../appointments/schema.ts';
import { noteWrite } from '../audited.ts';
import { careTags } from '../tags.ts';

export const departmentRoutes = createRouter();

const tag = 'Care teams';
const departmentsSchema = z.array(departmentSchema).max(20);
const staffSchema = z
  .object({ items: z.array(z.object({ userId: idSchema, departments: z.array(z.string()) })) })
  .openapi('CareStaff');
/** The most rows of the list. */
const MOST_LISTED = 5_000;

view(departmentRoutes, {
  id: 'careStaff.list',
  path: '/care/staff',
  tag,
  summary: 'List the nurses with their departments',
  cost: { commands: 3 },
  access: 'care:patients:write',
  answer: staffSchema,
  audited: { action: 'staff.listed', entity: 'staff' },
  async load(_input, { tenant }) {
    const rows = await (await tenant.db()).departmentMember.findMany({
      where: { tenantId: tenant.tenant },
      select: { userId: true, department: true },
      orderBy: [{ userId: 'asc' }, { department: 'asc' }],
      take: MOST_LISTED,
    });
    const departments = new Map<string, string[]>();
    for (const { userId, department } of rows)
      departments.set(userId, [...(departments.get(userId) ?? []), department]);
    return { items: [...departments].map(([userId, of]) => ({ userId, departments: of })) };
  },
});

command(departmentRoutes, {
  id: 'careStaff.set',
  method: 'put',
  path: '/care/staff/{userId}',
  tag,
  summary: 'Change the departments of a nurse',
  cost: { requests: 3, commands: 6, statements: 5 },
  description: 'Replaces the earlier ones. The nurse reads and writes notes of the patients of these departments.',
  access: 'care:patients:write',
  params: z.object({ userId: idSchema }),
  body: z.strictObject({ departments: departmentsSchema }).openapi('CareDepartments'),
  effect: 'The departments are set',
  problems: [404],
  async run({ params: { userId }, body }, { tenant }, c) {
    const entity = { type: 'user', id: userId };
    noteWrite(c, { action: 'staff.written', entity });
    const departments = [...new Set(body.departments)];
    await tenant.commit(async (tx) => {
      const isNurse = { tenantId: tx.tenant, id: userId, role: 'nurse', disabledAt: null } as const;
      if ((await tx.db.user.count({ where: isNurse })) === 0) {
        throw new ProblemError(409, 'NO_SUCH_REFERENCE', 'The request refers to a nurse who does not exist', {
          fields: [{ field: 'userId', message: 'is no nurse' }],
        });
      }
      const ofUser = { tenantId: tx.tenant, userId };
      await tx.db.departmentMember.deleteMany({ where: ofUser });
      const createdAt = new Date(tx.system.now());
      await tx.db.departmentMember.createMany({
        data: departments.map((department) => ({ ...ofUser, department, createdAt })),
      });
      tx.invalidate(careTags.staff);
      await tx.audit({ action: 'staff.changed', entity, data: { departments } });
    });
  },
});
