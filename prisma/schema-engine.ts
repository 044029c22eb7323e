/**
 * Prisma's schema engine as WebAssembly: it compares schemas and applies migrations without the native binary, so
 * both work offline. The package does not export its glue module and its .wasm file, so this file loads them by path.
 */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { PrismaPg } from '@prisma/adapter-pg';
import {
  bindMigrationAwareSqlAdapterFactory,
  ColumnTypeEnum,
  DriverAdapterError,
  type SqlDriverAdapter,
  type SqlMigrationAwareDriverAdapterFactory,
} from '@prisma/driver-adapter-utils';
import type { SchemaEngine } from '@prisma/schema-engine-wasm/schema_engine_bg';
import pg from 'pg';

type Glue = typeof import('@prisma/schema-engine-wasm/schema_engine_bg') & {
  __wbg_set_wasm(exports: WebAssembly.Exports): void;
};

/** An engine bound to one database. `close` ends its connection. */
export interface BoundEngine {
  engine: SchemaEngine;
  close(): Promise<void>;
}

/** The filters of the engine: none, because Prisma manages all tables. */
export const noFilters = { externalTables: [], externalEnums: [] };

/** Prints the message of a panic of the engine. The engine expects this global object. */
const panics = { set_message: (message: string) => console.error(`Prisma's schema engine: ${message}`) };
Object.assign(globalThis, { PRISMA_WASM_PANIC_REGISTRY: panics });

let loading: Promise<Glue> | undefined;

/**
 * Binds the engine to a database.
 *
 * `connectionString` names an existing database. For a comparison, the engine replays migrations on a shadow database,
 * and this database is its shadow database too. So for a comparison the database must be empty and have no other use.
 */
export async function openSchemaEngine(connectionString: string): Promise<BoundEngine> {
  loading ??= load();
  const { SchemaEngine } = await loading;
  const pool = new pg.Pool({ connectionString, max: 1, connectionTimeoutMillis: 60_000 });
  pool.on('error', () => {});
  const adapter = bindMigrationAwareSqlAdapterFactory(migrationAdapter(pool));
  try {
    const engine = await SchemaEngine.new({ datamodels: undefined }, () => {}, adapter);
    return {
      engine,
      async close() {
        engine.free();
        await pool.end();
      },
    };
  } catch (error) {
    await pool.end();
    throw error;
  }
}

async function load(): Promise<Glue> {
  const glueFile = createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm/schema_engine_bg');
  const glue: Glue = await import(pathToFileURL(glueFile).href);
  const bytes = await readFile(glueFile.replace(/\.js$/, '.wasm'));
  const { instance } = await WebAssembly.instantiate(bytes, { './schema_engine_bg.js': { ...glue } });
  glue.__wbg_set_wasm(instance.exports);
  const start = instance.exports['__wbindgen_start'];
  if (typeof start === 'function') start();
  return glue;
}

/**
 * Corrects three problems of PrismaPg with the engine. First: PrismaPg splits scripts at every semicolon, even inside
 * function bodies; this adapter sends a script as a whole, which PostgreSQL accepts. Second: PrismaPg refuses the
 * one-byte type "char" of PostgreSQL's system catalogs. Third: the shadow database needs CREATE DATABASE, which PGlite
 * does not have; this adapter uses the given database instead.
 */
function migrationAdapter(pool: pg.Pool): SqlMigrationAwareDriverAdapterFactory {
  const send = pool.query.bind(pool) as (query: string | pg.QueryArrayConfig) => Promise<pg.QueryArrayResult>;
  const charColumns = new WeakMap<unknown[][], number[]>();
  const sendAndMarkChars = async (query: pg.QueryArrayConfig) => {
    const result = await send(query);
    const columns = result.fields.flatMap((field, i) => (field.dataTypeID === pg.types.builtins.CHAR ? [i] : []));
    for (const field of result.fields) {
      if (field.dataTypeID === pg.types.builtins.CHAR) field.dataTypeID = pg.types.builtins.TEXT;
    }
    charColumns.set(result.rows, columns);
    return result;
  };
  pool.query = sendAndMarkChars as typeof pool.query;

  const factory = new PrismaPg(pool);
  const connect = async (): Promise<SqlDriverAdapter> => {
    const adapter = await factory.connect();
    const queryRaw = adapter.queryRaw.bind(adapter);
    adapter.queryRaw = async (query) => {
      const result = await queryRaw(query);
      for (const i of charColumns.get(result.rows) ?? []) result.columnTypes[i] = ColumnTypeEnum.Character;
      return result;
    };
    adapter.executeScript = async (script) => {
      await send(script).catch(rethrowReadable);
    };
    return adapter;
  };
  return { provider: factory.provider, adapterName: factory.adapterName, connect, connectToShadowDb: connect };
}

/**
 * Throws an error of PostgreSQL as an error of a driver adapter. The engine shows the text of such errors; of any other
 * error, it shows only a number.
 */
function rethrowReadable(error: unknown): never {
  if (!(error instanceof pg.DatabaseError)) throw error;
  const { code = '', severity = '', message, detail, column, hint } = error;
  throw new DriverAdapterError({ kind: 'postgres', code, severity, message, detail, column, hint });
}
