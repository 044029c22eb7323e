/** The table of commands. A new command needs a file in this folder and an entry in this table. */
import type { Command } from './command.ts';
import { keyCreate } from './key-create.ts';
import { keyList } from './key-list.ts';
import { keyRevoke } from './key-revoke.ts';
import { keyRotate } from './key-rotate.ts';
import { tenantCreate } from './tenant-create.ts';

export const commands: readonly Command[] = [tenantCreate, keyCreate, keyList, keyRotate, keyRevoke];
