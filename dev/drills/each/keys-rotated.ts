import { randomBytes } from 'node:crypto';
import type { Drill } from '../drill.ts';

const NAMES = ['AUTH_KEYS', 'SEAL_KEYS', 'AUDIT_SIGNING_KEYS'];

export const keysRotated: Drill = {
  name: 'keys-rotated',
  says: 'Each of the keys of the app gets a successor: deploy it second, then first. The old key stays until its values end.',
  expected: {},
  async breaks(world) {
    const old = Object.fromEntries(NAMES.map((name) => [name, world.variables[name] ?? '']));
    const fresh = Object.fromEntries(NAMES.map((name) => [name, `local2:${randomBytes(32).toString('base64')}`]));
    world.deploy(Object.fromEntries(NAMES.map((name) => [name, `${old[name]},${fresh[name]}`])));
    await world.addDeal();
    world.deploy(Object.fromEntries(NAMES.map((name) => [name, `${fresh[name]},${old[name]}`])));
    await world.addDeal();
  },
};
