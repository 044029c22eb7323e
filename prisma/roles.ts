/**
 * The roles of a database in production. The app connects as a role that may add entries and seals to the audit trail, and
 * may neither change nor delete them. The two changes that the trail allows, the place of an entry and its erasure, are
 * functions, which run as the sealer: a role without a login, which may update only the columns of these changes.
 *
 * The owner of the tables can still change everything, so the app must not connect as the owner.
 */

/** The names of the roles. */
export interface RoleNames {
  /** The role that the app connects as. */
  app: string;
  /** The role that owns the two functions. */
  sealer: string;
}

/** The default names. */
export const ROLES: RoleNames = { app: 'holdfast_app', sealer: 'holdfast_sealer' };

/**
 * Returns the statements that create the roles, or give existing roles these rights and no others on the trail. The owner
 * of the tables executes them, after each migration.
 * @throws {TypeError} if a name is not a plain name of PostgreSQL.
 */
export function rolesSql({ app, sealer }: RoleNames): string {
  for (const name of [app, sealer]) {
    if (!/^[a-z_][a-z0-9_]{0,62}$/.test(name)) throw new TypeError(`${name} is not a name of a role: a-z, 0-9 and _`);
  }
  if (app === sealer) throw new TypeError('The app and the sealer need different roles');
  const create = (name: string, options: string) =>
    `DO $$ BEGIN CREATE ROLE ${name} ${options}; EXCEPTION WHEN duplicate_object THEN NULL; END $$;`;
  return `-- The role of the app. Give it a password: ALTER ROLE ${app} PASSWORD '…';
${create(app, 'LOGIN NOINHERIT')}
${create(sealer, 'NOLOGIN')}

-- The data of the app.
DO $$ BEGIN EXECUTE format('GRANT CONNECT ON DATABASE %I TO ${app}', current_database()); END $$;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO ${app}, ${sealer};
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO ${app};
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO ${app};

-- The audit trail: the app reads and adds.
REVOKE ALL ON audit_entries, audit_seals, audit_anchors FROM PUBLIC, ${app}, ${sealer};
GRANT SELECT, INSERT ON audit_entries, audit_seals TO ${app};
GRANT SELECT, INSERT, UPDATE ON audit_anchors TO ${app};
GRANT SELECT, UPDATE (seal, position, commitment, leaf, data, salt) ON audit_entries TO ${sealer};

-- The functions of the trail run as the sealer. An owner of a function needs the right to create one, for a moment.
GRANT ${sealer} TO CURRENT_USER;
GRANT CREATE ON SCHEMA public TO ${sealer};
ALTER FUNCTION audit_place(text, int, text[], text[], text[]) OWNER TO ${sealer};
ALTER FUNCTION audit_erase(text, text) OWNER TO ${sealer};
REVOKE CREATE ON SCHEMA public FROM ${sealer};
REVOKE ALL ON FUNCTION audit_place(text, int, text[], text[], text[]), audit_erase(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION audit_place(text, int, text[], text[], text[]), audit_erase(text, text) TO ${app};
`;
}
