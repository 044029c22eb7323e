/** Lets Prisma's decimal numbers be cached, and be inputs and results of jobs. */
import { Decimal } from '@prisma/client-runtime-utils';
import { registerType } from '../redis/index.ts';

registerType('Decimal', { is: (value) => Decimal.isDecimal(value), write: String, read: (text) => new Decimal(text) });
