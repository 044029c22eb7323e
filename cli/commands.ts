/** The table of commands. To add a command, add a file beside this one and a line here. */
import type { Command } from './command.ts';
import { keyCreate } from './key-create.ts';
import { keyList } from './key-list.ts';
import { keyRevoke } from './key-revoke.ts';
import { keyRotate } from './key-rotate.ts';
import { tenantCreate } from './tenant-create.ts';

export const commands: readonly Command[] = [tenantCreate, keyCreate, keyList, keyRotate, keyRevoke];
