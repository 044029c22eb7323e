// Made by `npm run client:generate` from the OpenAPI document. Do not edit.
// a031f0a9438d5a282d88f7ce5e3629f1f4cb254d0df8cca65ba68eb1ef6cd24d

export interface components {
  schemas: {
    Readiness: {
      /** @enum {string} */
      status: "ok" | "degraded" | "down";
      stats: {
        hits: number;
        misses: number;
        sets: number;
        deletes: number;
        errors: number;
      };
      hitRatio: number;
      redis: {
        /** @enum {string} */
        status: "ok" | "down";
        /**
         * @description Whether Redis evicts keys when it is full (it must not); `unknown` if Redis does not say.
         * @enum {string}
         */
        eviction: "off" | "on" | "unknown";
      } & {
        [key: string]: string | number | null;
      };
      database: {
        /** @enum {string} */
        status: "ok" | "down";
      };
    };
    CodeSent: {
      /** @enum {boolean} */
      sent: true;
    };
    Problem: {
      type: string;
      title: string;
      status: number;
      /** @example VALIDATION_FAILED */
      code: string;
      detail: string;
      instance: string;
      requestId?: string;
      errors?: {
        field: string;
        message: string;
      }[];
      /** @description In a 412: the resource as it is now; null if it does not exist. */
      current?: {
        [key: string]: unknown;
      } | null;
    };
    SignUp: {
      company: string;
      /**
       * @description The slug of the new tenant. The slug appears in API keys.
       * @example acme
       */
      tenant: string;
      /** @default EUR */
      currency?: string;
      name: string;
      /**
       * Format: idn-email
       * @example owner@acme.example
       */
      email: string;
      /**
       * Format: password
       * @example correct horse battery staple
       */
      password: string;
    };
    SignedIn: components["schemas"]["Identity"] & {
      accessToken?: string;
      /** @enum {string} */
      tokenType?: "Bearer";
      /** @description Seconds (RFC 6749). */
      expiresIn?: number;
      refreshToken?: string;
    };
    Identity: {
      /** @example acme */
      tenant: string;
      user: {
        /** @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A */
        id: string;
        email: string;
        name: string;
        /** @enum {string} */
        role: "owner" | "admin" | "member" | "clinician" | "auditor" | "reception" | "nurse" | "biller" | "care_auditor";
      };
      /**
       * Format: date-time
       * @description The latest end of the session.
       * @example 2026-11-20T09:30:00.000Z
       */
      expiresAt?: string;
      /**
       * @description The code was the first proof of the address, so a password set earlier by another browser was removed.
       * @enum {boolean}
       */
      passwordEnded?: true;
    };
    SignIn: {
      /**
       * Format: idn-email
       * @example owner@acme.example
       */
      email: string;
      /**
       * Format: password
       * @example correct horse battery staple
       */
      password: string;
      /**
       * @description Needed only if you have users in several tenants.
       * @example acme
       */
      tenant?: string;
      /**
       * @description `cookie` for browsers; `tokens` for programs: an access token and a refresh token.
       * @default cookie
       * @enum {string}
       */
      as?: "cookie" | "tokens";
    };
    CodeRequest: {
      /**
       * Format: idn-email
       * @example owner@acme.example
       */
      email: string;
      /** @example acme */
      tenant?: string;
    };
    Verify: {
      /**
       * @description The eight digits, or the `code` in the address of a mailed link.
       * @example 12345678
       */
      code: string;
      /**
       * @description `cookie` for browsers; `tokens` for programs: an access token and a refresh token.
       * @default cookie
       * @enum {string}
       */
      as?: "cookie" | "tokens";
    };
    Tokens: {
      accessToken: string;
      /** @enum {string} */
      tokenType: "Bearer";
      /** @description Seconds (RFC 6749). */
      expiresIn: number;
      refreshToken: string;
    };
    Refresh: {
      refreshToken: string;
    };
    Who: {
      /** @enum {string} */
      kind: "session" | "token" | "api-key";
      /** @example acme */
      tenant: string;
      /** @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A */
      userId: string | null;
      rights: string[];
    };
    SessionList: {
      items: components["schemas"]["Session"][];
    };
    Session: {
      id: string;
      /** @enum {string} */
      kind: "browser" | "program";
      device: string;
      /** @description The authentication methods (RFC 8176): `pwd`, `otp`. */
      methods: string[];
      /**
       * Format: date-time
       * @example 2026-11-20T09:30:00.000Z
       */
      createdAt: string;
      /**
       * Format: date-time
       * @example 2026-11-20T09:30:00.000Z
       */
      seenAt: string;
      /**
       * Format: date-time
       * @example 2026-11-20T09:30:00.000Z
       */
      expiresAt: string;
      current: boolean;
    };
    PasswordChange: {
      /**
       * Format: password
       * @description Needed, unless you have none yet or signed in by code within the last five minutes.
       * @example correct horse battery staple
       */
      current?: string;
      /**
       * Format: password
       * @example correct horse battery staple
       */
      password: string;
    };
    PasskeyList: {
      items: components["schemas"]["Passkey"][];
    };
    Passkey: {
      id: string;
      name: string;
      /** @description Whether a password manager keeps a copy of the passkey. */
      backedUp: boolean;
      /**
       * Format: date-time
       * @example 2026-11-20T09:30:00.000Z
       */
      createdAt: string;
      /**
       * Format: date-time
       * @example 2026-11-20T09:30:00.000Z
       */
      usedAt: string | null;
    };
    NewPasskey: {
      name: string;
      credential: components["schemas"]["NewCredential"];
    };
    NewCredential: {
      id: string;
      rawId: string;
      /** @enum {string} */
      type: "public-key";
      authenticatorAttachment?: string | null;
      /** @default {} */
      clientExtensionResults?: {
        [key: string]: unknown;
      };
      response: {
        clientDataJSON: string;
        attestationObject: string;
        authenticatorData?: string;
        publicKey?: string;
        publicKeyAlgorithm?: number;
        /** @default [] */
        transports?: string[];
      };
    };
    FactorCompletion: {
      /**
       * @description The six digits that the app shows.
       * @example 123456
       */
      code?: string;
      /** @description A recovery code, in place of `code`. It works once. */
      recoveryCode?: string;
      passkey?: components["schemas"]["Assertion"];
      /** @description The member `pending` of the answer that asked for the factor. A browser has it as a cookie. */
      pending?: string;
    };
    /** @description The proof of a passkey, in place of `code`, with the options of `/auth/factor/options`. */
    Assertion: {
      id: string;
      rawId: string;
      /** @enum {string} */
      type: "public-key";
      authenticatorAttachment?: string | null;
      /** @default {} */
      clientExtensionResults?: {
        [key: string]: unknown;
      };
      response: {
        clientDataJSON: string;
        authenticatorData: string;
        signature: string;
        userHandle?: string | null;
      };
    };
    PendingSignIn: {
      /** @description The member `pending` of the answer that asked for the factor. A browser has it as a cookie. */
      pending?: string;
    };
    FactorProof: {
      /**
       * @description The six digits that the app shows.
       * @example 123456
       */
      code?: string;
      /** @description A recovery code, in place of `code`. It works once. */
      recoveryCode?: string;
    };
    NewFactor: {
      /** @description The secret in Base32, to type into an app. */
      secret: string;
      /** @description The secret for a QR code: `otpauth://totp/…`. */
      uri: string;
    };
    RecoveryCodes: {
      /** @description Each works once. Shown only now. */
      recoveryCodes: string[];
    };
    FactorConfirmation: {
      /**
       * @description The six digits that the app shows.
       * @example 123456
       */
      code: string;
    };
    Invited: {
      /** @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A */
      id: string;
      email: string;
    };
    Invitation: {
      /**
       * Format: idn-email
       * @example owner@acme.example
       */
      email: string;
      name: string;
      /** @enum {string} */
      role: "owner" | "admin" | "member" | "clinician" | "auditor" | "reception" | "nurse" | "biller" | "care_auditor";
    };
    InvitationAcceptance: {
      /** @example acme */
      tenant: string;
      /** @example Qm9vbSBhbmQgYm9vbSAx0w */
      invitation: string;
      /**
       * @description `cookie` for browsers; `tokens` for programs: an access token and a refresh token.
       * @default cookie
       * @enum {string}
       */
      as?: "cookie" | "tokens";
    };
    ApiKeyWithSecret: components["schemas"]["ApiKey"] & {
      /** @description The key, `hf_<tenant>_<id>_<secret>`. Shown once; only a hash of the secret is stored. */
      key: string;
    };
    ApiKey: {
      /** @example demo00000001 */
      id: string;
      name: string;
      rights: string[];
      /**
       * Format: date-time
       * @example 2026-11-20T09:30:00.000Z
       */
      expiresAt: string | null;
      /**
       * Format: date-time
       * @example 2026-11-20T09:30:00.000Z
       */
      revokedAt: string | null;
      /** @description The user or key that last saw the secret. The key ends with its maker. */
      madeBy: {
        /** @enum {string} */
        kind: "user" | "api-key" | "command-line";
        id: string | null;
      };
      /**
       * Format: date-time
       * @example 2026-11-20T09:30:00.000Z
       */
      createdAt: string;
    };
    NewApiKey: {
      /** @example Nightly report */
      name: string;
      /**
       * @description `*` means every right, `crm:*` every right of the CRM. You can only give rights that you have.
       * @example [
       *       "crm:read"
       *     ]
       */
      rights: components["schemas"]["Right"][];
      /**
       * Format: date-time
       * @description When the key expires; `null` for never.
       * @default null
       * @example 2026-11-20T09:30:00.000Z
       */
      expiresAt?: string | null;
    };
    /** @enum {string} */
    Right: "*" | "alerts:*" | "analytics:*" | "audit:*" | "cache:*" | "care:*" | "care:audit:*" | "care:billing:*" | "care:break-glass:*" | "care:flow:*" | "care:patients:*" | "care:records:*" | "console:*" | "crm:*" | "jobs:*" | "keys:*" | "limits:*" | "metrics:*" | "streams:*" | "users:*" | "alerts:admin" | "analytics:refresh" | "audit:erase" | "audit:read" | "cache:admin" | "care:audit:read" | "care:billing:entries" | "care:billing:read" | "care:billing:write" | "care:break-glass" | "care:break-glass:approve" | "care:break-glass:review" | "care:flow:all" | "care:flow:hallway" | "care:flow:move" | "care:flow:read" | "care:flow:write" | "care:patients:read" | "care:patients:write" | "care:records:all" | "care:records:read" | "care:records:write" | "console:act" | "console:view" | "crm:read" | "crm:write" | "jobs:admin" | "keys:manage" | "limits:bypass" | "metrics:read" | "streams:admin" | "users:manage";
    ApiKeyPage: {
      items: components["schemas"]["ApiKey"][];
      /** @description The `cursor` for the next page; null at the end. */
      nextCursor: string | null;
    };
    Tenant: {
      id: string;
      name: string;
      /**
       * @description All amounts are in it.
       * @example EUR
       */
      currency: string;
      /**
       * @description Today, overdue and the months of reports follow it, unless a user has an own time zone. Null is UTC.
       * @example Europe/Berlin
       */
      timeZone: string | null;
    };
    TenantChanges: {
      /**
       * @description An IANA name. Null is UTC.
       * @example Europe/Berlin
       */
      timeZone?: string;
    };
    UserPage: {
      items: components["schemas"]["User"][];
      /** @description The `cursor` for the next page; null at the end. */
      nextCursor: string | null;
    };
    User: {
      /** @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A */
      id: string;
      email: string;
      name: string;
      /** @enum {string} */
      role: "owner" | "admin" | "member" | "clinician" | "auditor" | "reception" | "nurse" | "biller" | "care_auditor";
      /**
       * @description Null is the time zone of the tenant.
       * @example Europe/Berlin
       */
      timeZone: string | null;
      /**
       * Format: date-time
       * @description When the user was disabled; null if enabled.
       * @example 2026-11-20T09:30:00.000Z
       */
      disabledAt: string | null;
      /**
       * Format: date-time
       * @example 2026-11-20T09:30:00.000Z
       */
      createdAt: string;
      /**
       * Format: date-time
       * @example 2026-11-20T09:30:00.000Z
       */
      updatedAt: string;
    };
    UserChanges: {
      name?: string;
      /** @enum {string} */
      role?: "owner" | "admin" | "member" | "clinician" | "auditor" | "reception" | "nurse" | "biller" | "care_auditor";
      /**
       * @description An IANA name, for the dashboard and the mails of the user. Null is the time zone of the tenant.
       * @example Europe/Berlin
       */
      timeZone?: string;
      /** @description Disabled users cannot sign in. Users are never deleted. */
      disabled?: boolean;
    };
    OwnChanges: {
      name?: string;
      /**
       * @description An IANA name, for the dashboard and the mails of the user. Null is the time zone of the tenant.
       * @example Europe/Berlin
       */
      timeZone?: string;
    };
    UserFull: components["schemas"]["User"] & {
      counts: {
        companies: number;
        contacts: number;
        openDeals: number;
        openTasks: number;
        /** @description Projects that the user owns or is a member of. */
        projects: number;
      };
      recentDeals: components["schemas"]["Deal"][];
      recentTasks: components["schemas"]["Task"][];
    };
    Deal: {
      /** @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A */
      id: string;
      title: string;
      /** @enum {string} */
      stage: "lead" | "qualified" | "proposal" | "negotiation" | "won" | "lost";
      /**
       * @description With the decimal places of the currency: 2, 0 such as JPY, or 3 such as KWD.
       * @example 12500.00
       */
      value: string;
      /** @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A */
      companyId: string | null;
      /** @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A */
      contactId: string | null;
      /** @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A */
      ownerId: string | null;
      /**
       * Format: date
       * @example 2026-12-31
       */
      expectedCloseDate: string | null;
      /**
       * Format: date-time
       * @example 2026-11-20T09:30:00.000Z
       */
      closedAt: string | null;
      /**
       * @description Values of custom fields by their keys.
       * @example {
       *       "region": "North"
       *     }
       */
      custom: {
        [key: string]: string | number | boolean;
      };
      /**
       * Format: date-time
       * @example 2026-11-20T09:30:00.000Z
       */
      createdAt: string;
      /**
       * Format: date-time
       * @example 2026-11-20T09:30:00.000Z
       */
      updatedAt: string;
    };
    Task: {
      /** @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A */
      id: string;
      title: string;
      description: string | null;
      /** @enum {string} */
      status: "todo" | "doing" | "blocked" | "done" | "cancelled";
      /** @enum {string} */
      priority: "low" | "normal" | "high" | "urgent";
      /**
       * Format: date
       * @example 2026-12-31
       */
      dueDate: string | null;
      /**
       * Format: date-time
       * @example 2026-11-20T09:30:00.000Z
       */
      completedAt: string | null;
      /** @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A */
      assigneeId: string | null;
      /** @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A */
      projectId: string | null;
      /** @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A */
      dealId: string | null;
      /**
       * Format: date-time
       * @example 2026-11-20T09:30:00.000Z
       */
      createdAt: string;
      /**
       * Format: date-time
       * @example 2026-11-20T09:30:00.000Z
       */
      updatedAt: string;
    };
    UserProjectPage: {
      items: (components["schemas"]["Project"] & {
        /**
         * @description Null for an owner who is not a member.
         * @enum {string|null}
         */
        role: "lead" | "contributor" | "viewer" | null;
      })[];
      /** @description The `cursor` for the next page; null at the end. */
      nextCursor: string | null;
    };
    Project: {
      /** @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A */
      id: string;
      name: string;
      description: string | null;
      /** @enum {string} */
      status: "planned" | "active" | "paused" | "done" | "cancelled";
      /** @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A */
      companyId: string | null;
      /** @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A */
      ownerId: string | null;
      /**
       * Format: date
       * @example 2026-12-31
       */
      startDate: string | null;
      /**
       * Format: date
       * @example 2026-12-31
       */
      dueDate: string | null;
      /**
       * Format: date-time
       * @example 2026-11-20T09:30:00.000Z
       */
      createdAt: string;
      /**
       * Format: date-time
       * @example 2026-11-20T09:30:00.000Z
       */
      updatedAt: string;
    };
    TaskPage: {
      items: components["schemas"]["Task"][];
      /** @description The `cursor` for the next page; null at the end. */
      nextCursor: string | null;
    };
    UserDashboard: {
      /**
       * Format: date
       * @description Today in `timeZone`: the day to which overdue and this week refer.
       * @example 2026-12-31
       */
      day: string;
      /**
       * @description The time zone of the user, or of the tenant.
       * @example Europe/Berlin
       */
      timeZone: string;
      tasks: {
        open: number;
        overdue: number;
        /** @description Due from today to Sunday. */
        dueThisWeek: number;
        /** @description Open tasks by due date. */
        next: components["schemas"]["Task"][];
      };
      pipeline: components["schemas"]["DealPipeline"];
      /** @description The user’s latest activities. */
      recentActivity: components["schemas"]["Activity"][];
      unreadNotifications: number;
    };
    /** @description The pipeline of the user’s own deals. */
    DealPipeline: {
      /** @example EUR */
      currency: string;
      stages: {
        /** @enum {string} */
        stage: "lead" | "qualified" | "proposal" | "negotiation" | "won" | "lost";
        count: number;
        /**
         * @description With the decimal places of the currency: 2, 0 such as JPY, or 3 such as KWD.
         * @example 12500.00
         */
        value: string;
      }[];
      total: {
        count: number;
        /**
         * @description With the decimal places of the currency: 2, 0 such as JPY, or 3 such as KWD.
         * @example 12500.00
         */
        value: string;
      };
    };
    Activity: {
      /** @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A */
      id: string;
      /** @example created */
      verb: string;
      /** @example deal */
      entityType: string;
      /** @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A */
      entityId: string;
      /** @description Details as of that time: the title or name, the changed fields. */
      data: {
        [key: string]: unknown;
      };
      /** @description The user who did it; null for an API key. */
      actor: {
        /** @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A */
        id: string;
        name: string;
      } | null;
      /**
       * Format: date-time
       * @example 2026-11-20T09:30:00.000Z
       */
      occurredAt: string;
    };
    CompanyPage: {
      items: components["schemas"]["Company"][];
      /** @description The `cursor` for the next page; null at the end. */
      nextCursor: string | null;
    };
    Company: {
      /** @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A */
      id: string;
      name: string;
      domain: string | null;
      industry: string | null;
      employees: number | null;
      city: string | null;
      /** @example DE */
      country: string | null;
      /** @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A */
      ownerId: string | null;
      /**
       * @description Values of custom fields by their keys.
       * @example {
       *       "region": "North"
       *     }
       */
      custom: {
        [key: string]: string | number | boolean;
      };
      /**
       * Format: date-time
       * @example 2026-11-20T09:30:00.000Z
       */
      createdAt: string;
      /**
       * Format: date-time
       * @example 2026-11-20T09:30:00.000Z
       */
      updatedAt: string;
    };
    NewCompany: {
      name: string;
      /**
       * Format: idn-hostname
       * @example acme.example
       */
      domain?: string;
      industry?: string | null;
      employees?: number | null;
      city?: string | null;
      country?: string | null;
      /** @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A */
      ownerId?: string | null;
      /**
       * @description Values of custom fields by their keys. Keys left out stay unchanged; `null` removes a value.
       * @example {
       *       "region": "North"
       *     }
       */
      custom?: {
        [key: string]: unknown;
      };
    };
    CompanyChanges: {
      name?: string;
      /**
       * Format: idn-hostname
       * @example acme.example
       */
      domain?: string;
      industry?: string | null;
      employees?: number | null;
      city?: string | null;
      country?: string | null;
      /** @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A */
      ownerId?: string | null;
      /**
       * @description Values of custom fields by their keys. Keys left out stay unchanged; `null` removes a value.
       * @example {
       *       "region": "North"
       *     }
       */
      custom?: {
        [key: string]: unknown;
      };
    };
    CompanyFull: components["schemas"]["Company"] & {
      owner: {
        /** @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A */
        id: string;
        name: string;
      } | null;
      counts: {
        contacts: number;
        projects: number;
      };
      /** @description The newest contacts; more at `/contacts?companyId=`. */
      contacts: components["schemas"]["Contact"][];
      /** @description The newest deals; more at `/deals?companyId=`. */
      deals: components["schemas"]["Deal"][];
      pipeline: components["schemas"]["DealPipeline"] & unknown;
      /** @description The newest projects; more at `/projects?companyId=`. */
      projects: components["schemas"]["Project"][];
      /** @description Activities of the company, its contacts, deals and projects. */
      recentActivity: components["schemas"]["Activity"][];
    };
    Contact: {
      /** @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A */
      id: string;
      name: string;
      email: string | null;
      phone: string | null;
      jobTitle: string | null;
      /** @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A */
      companyId: string | null;
      /** @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A */
      ownerId: string | null;
      /**
       * @description Values of custom fields by their keys.
       * @example {
       *       "region": "North"
       *     }
       */
      custom: {
        [key: string]: string | number | boolean;
      };
      /**
       * Format: date-time
       * @example 2026-11-20T09:30:00.000Z
       */
      createdAt: string;
      /**
       * Format: date-time
       * @example 2026-11-20T09:30:00.000Z
       */
      updatedAt: string;
    };
    ContactPage: {
      items: components["schemas"]["Contact"][];
      /** @description The `cursor` for the next page; null at the end. */
      nextCursor: string | null;
    };
    NewContact: {
      name: string;
      /**
       * Format: idn-email
       * @example owner@acme.example
       */
      email?: string;
      phone?: string | null;
      jobTitle?: string | null;
      /** @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A */
      companyId?: string | null;
      /** @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A */
      ownerId?: string | null;
      /**
       * @description Values of custom fields by their keys. Keys left out stay unchanged; `null` removes a value.
       * @example {
       *       "region": "North"
       *     }
       */
      custom?: {
        [key: string]: unknown;
      };
    };
    ContactChanges: {
      name?: string;
      /**
       * Format: idn-email
       * @example owner@acme.example
       */
      email?: string;
      phone?: string | null;
      jobTitle?: string | null;
      /** @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A */
      companyId?: string | null;
      /** @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A */
      ownerId?: string | null;
      /**
       * @description Values of custom fields by their keys. Keys left out stay unchanged; `null` removes a value.
       * @example {
       *       "region": "North"
       *     }
       */
      custom?: {
        [key: string]: unknown;
      };
    };
    ContactFull: components["schemas"]["Contact"] & {
      company: {
        /** @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A */
        id: string;
        name: string;
      } | null;
      owner: {
        /** @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A */
        id: string;
        name: string;
      } | null;
      /** @description The newest deals. */
      deals: components["schemas"]["Deal"][];
      /** @description Activities of the contact and their deals. */
      recentActivity: components["schemas"]["Activity"][];
    };
    DealHistory: {
      /** @description The latest 500 stages, the latest first. */
      items: {
        /** @enum {string} */
        stage: "lead" | "qualified" | "proposal" | "negotiation" | "won" | "lost";
        /**
         * @description Null for the first stage.
         * @enum {string|null}
         */
        from: "lead" | "qualified" | "proposal" | "negotiation" | "won" | "lost" | null;
        /**
         * @description The value of the deal at that time.
         * @example 12500.00
         */
        value: string;
        /**
         * @description The user who moved the deal; null for a machine.
         * @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A
         */
        actorId: string | null;
        /**
         * Format: date-time
         * @example 2026-11-20T09:30:00.000Z
         */
        at: string;
      }[];
    };
    DealPage: {
      items: components["schemas"]["Deal"][];
      /** @description The `cursor` for the next page; null at the end. */
      nextCursor: string | null;
    };
    NewDeal: {
      title: string;
      /**
       * @default lead
       * @enum {string}
       */
      stage?: "lead" | "qualified" | "proposal" | "negotiation" | "won" | "lost";
      /** @example 12500.00 */
      value: string;
      /** @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A */
      companyId?: string | null;
      /** @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A */
      contactId?: string | null;
      /** @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A */
      ownerId?: string | null;
      /**
       * Format: date
       * @example 2026-12-31
       */
      expectedCloseDate?: string | null;
      /**
       * @description Values of custom fields by their keys. Keys left out stay unchanged; `null` removes a value.
       * @example {
       *       "region": "North"
       *     }
       */
      custom?: {
        [key: string]: unknown;
      };
    };
    DealChanges: {
      title?: string;
      /** @enum {string} */
      stage?: "lead" | "qualified" | "proposal" | "negotiation" | "won" | "lost";
      /** @example 12500.00 */
      value?: string;
      /** @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A */
      companyId?: string | null;
      /** @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A */
      contactId?: string | null;
      /** @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A */
      ownerId?: string | null;
      /**
       * Format: date
       * @example 2026-12-31
       */
      expectedCloseDate?: string | null;
      /**
       * @description Values of custom fields by their keys. Keys left out stay unchanged; `null` removes a value.
       * @example {
       *       "region": "North"
       *     }
       */
      custom?: {
        [key: string]: unknown;
      };
    };
    CustomFieldList: {
      items: components["schemas"]["CustomField"][];
    };
    CustomField: {
      /** @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A */
      id: string;
      /** @enum {string} */
      kind: "contact" | "company" | "deal";
      key: string;
      name: string;
      /** @enum {string} */
      type: "text" | "number" | "date" | "boolean" | "choice" | "url";
      /** @description The values of a choice. */
      options: string[];
      /**
       * Format: date-time
       * @example 2026-11-20T09:30:00.000Z
       */
      createdAt: string;
      /**
       * Format: date-time
       * @example 2026-11-20T09:30:00.000Z
       */
      updatedAt: string;
    };
    NewCustomField: {
      /** @enum {string} */
      kind: "contact" | "company" | "deal";
      /** @example region */
      key: string;
      name: string;
      /** @enum {string} */
      type: "text" | "number" | "date" | "boolean" | "choice" | "url";
      /** @description The values of a choice; no other type has them. */
      options?: string[];
    };
    CustomFieldChanges: {
      /** @example region */
      key?: string;
      name?: string;
      options?: string[];
    };
    ProjectPage: {
      items: components["schemas"]["Project"][];
      /** @description The `cursor` for the next page; null at the end. */
      nextCursor: string | null;
    };
    NewProject: {
      name: string;
      description?: string | null;
      /**
       * @default planned
       * @enum {string}
       */
      status?: "planned" | "active" | "paused" | "done" | "cancelled";
      /** @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A */
      companyId?: string | null;
      /** @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A */
      ownerId?: string | null;
      /**
       * Format: date
       * @example 2026-12-31
       */
      startDate?: string | null;
      /**
       * Format: date
       * @example 2026-12-31
       */
      dueDate?: string | null;
    };
    ProjectChanges: {
      name?: string;
      description?: string | null;
      /** @enum {string} */
      status?: "planned" | "active" | "paused" | "done" | "cancelled";
      /** @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A */
      companyId?: string | null;
      /** @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A */
      ownerId?: string | null;
      /**
       * Format: date
       * @example 2026-12-31
       */
      startDate?: string | null;
      /**
       * Format: date
       * @example 2026-12-31
       */
      dueDate?: string | null;
    };
    ProjectDetails: components["schemas"]["Project"] & {
      company: {
        /** @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A */
        id: string;
        name: string;
      } | null;
      owner: {
        /** @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A */
        id: string;
        name: string;
      } | null;
    };
    ProjectFull: components["schemas"]["ProjectDetails"] & {
      tasks: components["schemas"]["TaskPage"] & unknown;
      team: components["schemas"]["ProjectMember"][];
      stats: components["schemas"]["ProjectStats"];
    };
    ProjectMember: {
      /** @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A */
      userId: string;
      name: string;
      /** @enum {string} */
      role: "lead" | "contributor" | "viewer";
      /**
       * Format: date-time
       * @example 2026-11-20T09:30:00.000Z
       */
      since: string;
    };
    ProjectStats: {
      /**
       * Format: date
       * @description Today in `timeZone`.
       * @example 2026-12-31
       */
      day: string;
      /** @example Europe/Berlin */
      timeZone: string;
      tasks: {
        /** @enum {string} */
        status: "todo" | "doing" | "blocked" | "done" | "cancelled";
        count: number;
      }[];
      total: number;
      open: number;
      /** @description Open tasks due before `day`. */
      overdue: number;
      /**
       * @description The share of done tasks, without cancelled ones; null without tasks.
       * @example 0.4
       */
      doneRatio: number | null;
    };
    ProjectTeam: {
      members: components["schemas"]["ProjectMember"][];
    };
    ProjectMembership: {
      /** @enum {string} */
      role: "lead" | "contributor" | "viewer";
    };
    NewTask: {
      title: string;
      description?: string | null;
      /**
       * @default todo
       * @enum {string}
       */
      status?: "todo" | "doing" | "blocked" | "done" | "cancelled";
      /**
       * @default normal
       * @enum {string}
       */
      priority?: "low" | "normal" | "high" | "urgent";
      /**
       * Format: date
       * @example 2026-12-31
       */
      dueDate?: string | null;
      /** @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A */
      assigneeId?: string | null;
      /** @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A */
      projectId?: string | null;
      /** @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A */
      dealId?: string | null;
    };
    TaskChanges: {
      title?: string;
      description?: string | null;
      /** @enum {string} */
      status?: "todo" | "doing" | "blocked" | "done" | "cancelled";
      /** @enum {string} */
      priority?: "low" | "normal" | "high" | "urgent";
      /**
       * Format: date
       * @example 2026-12-31
       */
      dueDate?: string | null;
      /** @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A */
      assigneeId?: string | null;
      /** @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A */
      projectId?: string | null;
      /** @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A */
      dealId?: string | null;
    };
    Dashboard: {
      overview: components["schemas"]["DashboardOverview"];
      recentActivity: components["schemas"]["Activity"][];
    };
    DashboardOverview: {
      /**
       * Format: date
       * @description Today in `timeZone`: the day to which overdue and this month refer.
       * @example 2026-12-31
       */
      day: string;
      /** @example Europe/Berlin */
      timeZone: string;
      /** @example EUR */
      currency: string;
      companies: number;
      contacts: number;
      openDeals: number;
      /**
       * @description The value of the open deals.
       * @example 12500.00
       */
      pipelineValue: string;
      wonThisMonth: {
        count: number;
        /**
         * @description With the decimal places of the currency: 2, 0 such as JPY, or 3 such as KWD.
         * @example 12500.00
         */
        value: string;
      };
      openTasks: number;
      overdueTasks: number;
      activeProjects: number;
    };
    DashboardStats: {
      /** @example Europe/Berlin */
      timeZone: string;
      /** @example EUR */
      currency: string;
      /** @description The last twelve months, the current one last. */
      months: {
        /** @example 2026-11 */
        month: string;
        won: number;
        /**
         * @description With the decimal places of the currency: 2, 0 such as JPY, or 3 such as KWD.
         * @example 12500.00
         */
        wonValue: string;
        lost: number;
        /**
         * @description With the decimal places of the currency: 2, 0 such as JPY, or 3 such as KWD.
         * @example 12500.00
         */
        lostValue: string;
        /**
         * @description The share of won deals in closed deals; null without closed deals.
         * @example 0.6
         */
        conversion: number | null;
      }[];
      /**
       * @description The share of won deals in closed deals; null without closed deals.
       * @example 0.6
       */
      conversion: number | null;
    };
    ActivityPage: {
      items: components["schemas"]["Activity"][];
      /** @description The `cursor` for the next page; null at the end. */
      nextCursor: string | null;
    };
    CompanyMonths: {
      /** @example EUR */
      currency: string;
      /** @example Europe/Berlin */
      timeZone: string;
      months: {
        /** @example 2026-11 */
        month: string;
        dealsCreated: number;
        dealsWon: number;
        /**
         * @description With the decimal places of the currency: 2, 0 such as JPY, or 3 such as KWD.
         * @example 12500.00
         */
        wonValue: string;
        /** @description Tasks in the company’s projects or about its deals. */
        tasksDone: number;
        /** @description About the company, its contacts, deals and projects. */
        activities: number;
      }[];
    };
    PlatformStatistics: {
      /** @example EUR */
      currency: string;
      /** @example Europe/Berlin */
      timeZone: string;
      /** @example 2026-11 */
      month: string;
      totals: {
        activeUsers: number;
        companies: number;
        contacts: number;
        deals: number;
        projects: number;
        tasks: number;
        /**
         * @description With the decimal places of the currency: 2, 0 such as JPY, or 3 such as KWD.
         * @example 12500.00
         */
        wonValue: string;
      };
      growth: {
        companies: components["schemas"]["Growth"];
        contacts: components["schemas"]["Growth"];
        deals: components["schemas"]["Growth"];
        dealsWon: components["schemas"]["Growth"];
        tasksDone: components["schemas"]["Growth"];
      };
      /** @description The users with the highest value won in the last twelve months. */
      owners: {
        /** @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A */
        id: string;
        name: string;
        won: number;
        /**
         * @description With the decimal places of the currency: 2, 0 such as JPY, or 3 such as KWD.
         * @example 12500.00
         */
        wonValue: string;
      }[];
    };
    Growth: {
      thisMonth: number;
      lastMonth: number;
      /**
       * @description Growth against last month; null if last month had zero.
       * @example 0.25
       */
      change: number | null;
    };
    ActivityCounts: {
      /** @enum {string} */
      by: "day";
      /** @example Europe/Berlin */
      timeZone: string;
      /**
       * Format: date
       * @example 2026-12-31
       */
      from: string;
      /**
       * Format: date
       * @example 2026-12-31
       */
      to: string;
      total: number;
      counts: {
        /**
         * Format: date
         * @example 2026-12-31
         */
        day: string;
        count: number;
      }[];
    } | {
      /** @enum {string} */
      by: "person";
      /** @example Europe/Berlin */
      timeZone: string;
      /**
       * Format: date
       * @example 2026-12-31
       */
      from: string;
      /**
       * Format: date
       * @example 2026-12-31
       */
      to: string;
      total: number;
      /** @description The hundred most active users; `total` counts all. */
      counts: {
        /** @description Null for all API keys together. */
        person: {
          /** @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A */
          id: string;
          name: string;
        } | null;
        count: number;
      }[];
    } | {
      /** @enum {string} */
      by: "kind";
      /** @example Europe/Berlin */
      timeZone: string;
      /**
       * Format: date
       * @example 2026-12-31
       */
      from: string;
      /**
       * Format: date
       * @example 2026-12-31
       */
      to: string;
      total: number;
      counts: {
        /** @example deal */
        entityType: string;
        /** @example won */
        verb: string;
        count: number;
      }[];
    };
    SalesVelocity: {
      /** @example EUR */
      currency: string;
      /** @example Europe/Berlin */
      timeZone: string;
      /** @description The oldest month first. */
      months: {
        /** @example 2026-11 */
        month: string;
        /** @description Deals that were won or lost in the month. */
        deals: number;
        won: number;
        /**
         * @description The mean value of the deals that were won.
         * @example 12500.00
         */
        meanValue: string;
        /**
         * @description won ÷ deals; null without deals.
         * @example 0.4
         */
        winRate: number | null;
        /** @description The mean days from creation to closing. */
        meanDays: number | null;
        /**
         * @description deals × meanValue × winRate ÷ meanDays: the value won in a day.
         * @example 12500.00
         */
        velocity: string | null;
      }[];
    };
    Usage: {
      /** @example Europe/Berlin */
      timeZone: string;
      /**
       * Format: date
       * @description Today in the tenant’s time zone.
       * @example 2026-12-31
       */
      day: string;
      /** @description Users who sent a request today, in the last 7 and in the last 30 days. */
      activeUsers: {
        day: {
          users: number;
          /** @description False from 100 users on: then the number is right within about 2 %. */
          exact: boolean;
        };
        week: {
          users: number;
          /** @description False from 100 users on: then the number is right within about 2 %. */
          exact: boolean;
        };
        month: {
          users: number;
          /** @description False from 100 users on: then the number is right within about 2 %. */
          exact: boolean;
        };
      };
      /** @description The last 30 days, the oldest first. */
      days: {
        /**
         * Format: date
         * @example 2026-12-31
         */
        day: string;
        users: number;
      }[];
      /** @description The 8 weeks before the present one, the oldest first. */
      retention: {
        /**
         * Format: date
         * @description The Monday of the week.
         * @example 2026-12-31
         */
        week: string;
        users: number;
        /**
         * @description Of these users, the share that was active in each later week; null for fewer than 5 users.
         * @example [
         *       0.8,
         *       0.75
         *     ]
         */
        returned: number[] | null;
      }[];
      /** @description Your days in a row, up to today or yesterday, on which you sent a request: at most 91. Null for API keys. */
      streak: number | null;
    };
    ImportPlan: {
      encoding: string;
      separator: string;
      /** @description The number of the row that names the columns. */
      headerRow: number;
      /** @description The system that has written the file, if it is known. */
      system: string | null;
      language: string | null;
      /**
       * @description The source of the mapping: this request, or an earlier import of such a file.
       * @enum {string|null}
       */
      mappedBy: "request" | "earlier" | null;
      /** @description The columns of the file and their fields; null if a column is not used. */
      columns: {
        column: string;
        field: string | null;
        reason?: string;
      }[];
      /** @description Choices to confirm with a mapping before the import. */
      questions: {
        column: string;
        message: string;
        /** @enum {string} */
        code: "ADDRESSES_FOUND" | "ADDRESSES_UNUSED" | "PHONES_FOUND" | "PHONES_UNUSED" | "COLUMN_UNKNOWN" | "DATES_AMBIGUOUS" | "DECIMALS_AMBIGUOUS" | "CUSTOM_FIELD_AMBIGUOUS" | "CUSTOM_FIELD_UNKNOWN";
      }[];
      /** @description The first rows as they would become, at most 20. */
      rows: {
        row: number;
        /** @enum {string} */
        outcome: "imported" | "updated" | "unchanged" | "rejected";
        record: {
          [key: string]: unknown;
        } | null;
        /** @description The fields that the row would change. */
        changes: {
          [key: string]: {
            from?: unknown;
            to?: unknown;
          };
        };
        rejections: {
          row: number;
          field: string;
          message: string;
          kept: boolean;
        }[];
      }[];
    };
    Import: {
      /** @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A */
      id: string;
      /** @enum {string} */
      kind: "contacts" | "companies" | "deals";
      /**
       * @description After `undoFailed` a part of the import is undone, and `POST /imports/{id}/undo` goes on.
       * @enum {string}
       */
      status: "uploading" | "queued" | "running" | "done" | "cancelled" | "failed" | "undoing" | "undoFailed" | "undone";
      /** @description The announced number of parts; null for a file in one request. */
      parts: number | null;
      /** @description The columns of the file and their fields; null if a column is not used. */
      columns: {
        column: string;
        field: string | null;
        reason?: string;
      }[];
      /** @description Rows below the header; while a large file is read, the rows read so far. */
      rows: number;
      /** @description Rows handled so far: the sum of the next four counts. */
      done: number;
      imported: number;
      updated: number;
      /** @description Rows that changed nothing. */
      unchanged: number;
      rejected: number;
      /** @description Rows of the first three counts without a field that was rejected. */
      incomplete: number;
      companiesCreated: number;
      /** @description The first reasons why rows, or only some of their fields (`kept`), were not imported; the first row of the file is 1. `GET /imports/{id}/rejected` has all. */
      rejections: {
        row: number;
        field: string;
        message: string;
        kept: boolean;
      }[];
      /** @description The reason why a large file could not be read. */
      failure: string | null;
      /** @description The undo of the import; null if there was none. */
      undo: {
        removed: number;
        restored: number;
        /** @description Records that have changed since the import, so the undo leaves them. */
        kept: number;
        /** @description The records that stay, at most 1000. */
        records: {
          entity: string;
          /** @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A */
          id: string;
          reason: string;
        }[];
      } | null;
      /**
       * Format: date-time
       * @example 2026-11-20T09:30:00.000Z
       */
      createdAt: string;
      /**
       * Format: date-time
       * @example 2026-11-20T09:30:00.000Z
       */
      finishedAt: string | null;
    };
    ImportPage: {
      items: components["schemas"]["Import"][];
      /** @description The `cursor` for the next page; null at the end. */
      nextCursor: string | null;
    };
    Export: {
      /** @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A */
      id: string;
      /** @enum {string} */
      kind: "contacts" | "companies" | "deals" | "tasks";
      /** @enum {string} */
      status: "queued" | "running" | "done" | "failed";
      /** @description Rows written so far. */
      rows: number;
      /**
       * Format: date-time
       * @example 2026-11-20T09:30:00.000Z
       */
      createdAt: string;
      /**
       * Format: date-time
       * @example 2026-11-20T09:30:00.000Z
       */
      finishedAt: string | null;
      /**
       * Format: date-time
       * @example 2026-11-20T09:30:00.000Z
       */
      expiresAt: string;
    };
    ExportPage: {
      items: components["schemas"]["Export"][];
      /** @description The `cursor` for the next page; null at the end. */
      nextCursor: string | null;
    };
    NotificationPage: {
      items: components["schemas"]["Notification"][];
      /** @description The `cursor` for the next page; null at the end. */
      nextCursor: string | null;
    };
    Notification: {
      /** @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A */
      id: string;
      /** @example task.assigned */
      kind: string;
      title: string;
      data: {
        [key: string]: unknown;
      };
      /**
       * Format: date-time
       * @example 2026-11-20T09:30:00.000Z
       */
      readAt: string | null;
      /**
       * Format: date-time
       * @example 2026-11-20T09:30:00.000Z
       */
      createdAt: string;
    };
    UnreadNotifications: {
      count: number;
    };
    AddedWebhook: components["schemas"]["Webhook"] & {
      /** @description Signs the deliveries, as in Standard Webhooks. */
      secret: string;
    };
    Webhook: {
      /** @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A */
      id: string;
      /**
       * Format: uri
       * @example https://hooks.example.com/crm
       */
      url: string;
      /**
       * @example [
       *       "deal.won"
       *     ]
       */
      events: string[];
      /**
       * Format: date-time
       * @description A webhook that is switched off gets no deliveries.
       * @example 2026-11-20T09:30:00.000Z
       */
      disabledAt: string | null;
      /**
       * @description `gone`: the receiver answered 410. `failing`: every delivery failed for five days. `requested`: by a change.
       * @enum {string|null}
       */
      disabledReason: "gone" | "failing" | "requested" | null;
      /**
       * Format: date-time
       * @description The first failure since the last success. A webhook that fails for five days is switched off.
       * @example 2026-11-20T09:30:00.000Z
       */
      failingSince: string | null;
      /**
       * Format: date-time
       * @example 2026-11-20T09:30:00.000Z
       */
      createdAt: string;
    };
    NewWebhook: {
      /**
       * Format: uri
       * @example https://hooks.example.com/crm
       */
      url: string;
      /**
       * @example [
       *       "deal.won"
       *     ]
       */
      events: string[];
    };
    WebhookChanges: {
      /**
       * Format: uri
       * @example https://hooks.example.com/crm
       */
      url?: string;
      /**
       * @example [
       *       "deal.won"
       *     ]
       */
      events?: string[];
      /** @description Switches the webhook off, or on again. */
      disabled?: boolean;
    };
    RotatedWebhookSecret: {
      /** @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A */
      id: string;
      secret: string;
      /**
       * Format: date-time
       * @description Until this time, the old secret signs too.
       * @example 2026-11-20T09:30:00.000Z
       */
      oldSecretUntil: string;
    };
    WebhookDeliveryPage: {
      items: components["schemas"]["WebhookDelivery"][];
      /** @description The `cursor` for the next page; null at the end. */
      nextCursor: string | null;
    };
    WebhookDelivery: {
      /**
       * @description The `webhook-id` of every attempt.
       * @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A
       */
      id: string;
      event: {
        type: string;
        /**
         * Format: date-time
         * @example 2026-11-20T09:30:00.000Z
         */
        timestamp: string;
      };
      /**
       * @description `waiting` for its next attempt; `failed` after its last attempt; `cancelled` because the receiver answered 410, or the webhook is switched off.
       * @enum {string}
       */
      status: "waiting" | "delivered" | "failed" | "cancelled";
      attempts: number;
      /** @description Of the last attempt; null without an answer. */
      responseStatus: number | null;
      /**
       * @description Why the last attempt failed.
       * @example HTTP_503
       */
      reason: string | null;
      /** @description The duration of the last attempt. */
      durationMs: number | null;
      /**
       * Format: date-time
       * @example 2026-11-20T09:30:00.000Z
       */
      createdAt: string;
      /**
       * Format: date-time
       * @example 2026-11-20T09:30:00.000Z
       */
      lastAttemptAt: string | null;
      /**
       * Format: date-time
       * @example 2026-11-20T09:30:00.000Z
       */
      nextAttemptAt: string | null;
    };
    ReplayedDelivery: {
      /** @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A */
      id: string;
    };
    ListSettings: {
      /**
       * @example [
       *       {
       *         "field": "stage",
       *         "value": "won"
       *       }
       *     ]
       */
      filters: {
        field: string;
        value: string;
      }[];
      /**
       * @description Left out: the list’s own order.
       * @example -createdAt
       */
      order?: string;
      /**
       * @description Empty: the list’s own columns.
       * @example [
       *       "title",
       *       "value"
       *     ]
       */
      columns: string[];
      pageSize: number;
    };
    Preferences: {
      /** @enum {string} */
      theme: "system" | "light" | "dark";
      /** @enum {string} */
      weekStart: "monday" | "saturday" | "sunday";
      /** @enum {string} */
      startPage: "dashboard" | "companies" | "contacts" | "deals" | "projects" | "tasks";
      pageSize: number;
      notify: {
        "task.assigned": boolean;
        "deal.won": boolean;
      };
    };
    PreferencesPatch: {
      /** @enum {string|null} */
      theme?: "system" | "light" | "dark" | null;
      /** @enum {string|null} */
      weekStart?: "monday" | "saturday" | "sunday" | null;
      /** @enum {string|null} */
      startPage?: "dashboard" | "companies" | "contacts" | "deals" | "projects" | "tasks" | null;
      pageSize?: number | null;
      notify?: {
        "task.assigned"?: boolean | null;
        "deal.won"?: boolean | null;
      } | null;
    };
    DraftList: {
      /** @description The next to end first. */
      items: {
        name: string;
        /**
         * Format: date-time
         * @example 2026-11-20T09:30:00.000Z
         */
        endsAt: string;
      }[];
    };
    /**
     * @example {
     *       "title": "Nets for the fleet"
     *     }
     */
    Draft: {
      [key: string]: unknown;
    };
    SearchResult: {
      items: {
        /** @enum {string} */
        kind: "contact" | "company" | "deal" | "project" | "task";
        /** @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A */
        id: string;
        title: string;
        /** @description The title in parts; the matching parts are marked. */
        titleParts: components["schemas"]["SearchPart"][];
        /** @description The other texts of the row, or the part around the first match, in the same form. */
        detailParts: components["schemas"]["SearchPart"][];
      }[];
      /** @description True if more rows match. Another word narrows the search. */
      more: boolean;
      /** @description Words that were searched in addition, because the typed word may have a typing error. */
      corrections: {
        from: string;
        to: string[];
      }[];
    };
    SearchPart: {
      text: string;
      match: boolean;
    };
    FoundPatients: {
      items: {
        /** @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A */
        id: string;
        number: string;
        name: string;
        /**
         * Format: date
         * @example 2026-12-31
         */
        birth: string;
      }[];
      /** @description `false` if more than 20 patients match. */
      isComplete: boolean;
    };
    PatientSearch: {
      /**
       * @description The number of the patient’s file.
       * @example A-1024
       */
      number?: string;
      /** @description Whole words of the name, in any order. */
      name?: string;
      /** @description Only with a name. */
      birthYear?: number;
    };
    Patient: {
      /** @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A */
      id: string;
      number: string;
      name: string;
      /**
       * Format: date
       * @example 2026-12-31
       */
      birth: string;
      /** @description Callers who do not arrange visits see the address only. */
      contact: {
        address: string | null;
        phone: string | null;
        email: string | null;
      };
      /**
       * @description The patient that has taken over this duplicate.
       * @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A
       */
      mergedInto: string | null;
      /**
       * Format: date-time
       * @example 2026-11-20T09:30:00.000Z
       */
      createdAt: string;
      /**
       * Format: date-time
       * @example 2026-11-20T09:30:00.000Z
       */
      updatedAt: string;
    };
    NewPatient: {
      /**
       * @description The number of the patient’s file.
       * @example A-1024
       */
      number: string;
      name: string;
      /**
       * Format: date
       * @example 2026-12-31
       */
      birth: string;
      address?: string | null;
      phone?: string | null;
      /**
       * Format: idn-email
       * @example owner@acme.example
       */
      email?: string;
    };
    PatientChanges: {
      /**
       * @description The number of the patient’s file.
       * @example A-1024
       */
      number?: string;
      name?: string;
      /**
       * Format: date
       * @example 2026-12-31
       */
      birth?: string;
      address?: string | null;
      phone?: string | null;
      /**
       * Format: idn-email
       * @example owner@acme.example
       */
      email?: string;
    };
    PatientMerge: {
      /** @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A */
      duplicateId: string;
    };
    PatientAccessPage: {
      items: {
        /** @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A */
        id: string;
        /**
         * Format: date-time
         * @example 2026-11-20T09:30:00.000Z
         */
        at: string;
        /** @enum {string} */
        actorType: "user" | "machine" | "system";
        actorId: string | null;
        /** @example record.read */
        action: string;
        /** @enum {string} */
        outcome: "ok" | "refused" | "failed";
        /** @example TREAT */
        purpose: string | null;
        entityType: string;
        entityId: string | null;
      }[];
      /** @description The `cursor` for the next page; null at the end. */
      nextCursor: string | null;
    };
    MedicalRecordPage: {
      items: {
        /** @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A */
        id: string;
        /** @enum {string} */
        kind: "note" | "diagnosis" | "prescription" | "result";
        /**
         * @description Restricted records, such as notes of psychotherapy, need the patient’s permission.
         * @enum {string}
         */
        recordClass: "normal" | "restricted";
        /** @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A */
        authorId: string;
        /** @description The number of the newest version: 1, 2, … */
        version: number;
        /**
         * Format: date-time
         * @example 2026-11-20T09:30:00.000Z
         */
        recordedAt: string;
      }[];
      /** @description The `cursor` for the next page; null at the end. */
      nextCursor: string | null;
      /**
       * Format: date-time
       * @description Until when your access in an emergency is open.
       * @example 2026-11-20T09:30:00.000Z
       */
      emergencyUntil: string | null;
    };
    MedicalRecord: {
      /** @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A */
      id: string;
      /** @enum {string} */
      kind: "note" | "diagnosis" | "prescription" | "result";
      /**
       * @description Restricted records, such as notes of psychotherapy, need the patient’s permission.
       * @enum {string}
       */
      recordClass: "normal" | "restricted";
      /** @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A */
      authorId: string;
      /** @description The number of the newest version: 1, 2, … */
      version: number;
      /**
       * Format: date-time
       * @example 2026-11-20T09:30:00.000Z
       */
      recordedAt: string;
      /** @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A */
      patientId: string;
      /**
       * @description The user who ordered a result.
       * @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A
       */
      orderedBy: string | null;
      /** @description The newest version first. No version is ever edited. */
      versions: {
        version: number;
        text: string;
        /** @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A */
        authorId: string;
        /**
         * Format: date-time
         * @example 2026-11-20T09:30:00.000Z
         */
        at: string;
      }[];
    };
    NewMedicalRecord: {
      /** @enum {string} */
      kind: "note" | "diagnosis" | "prescription" | "result";
      /**
       * @description Restricted records, such as notes of psychotherapy, need the patient’s permission.
       * @default normal
       * @enum {string}
       */
      recordClass?: "normal" | "restricted";
      text: string;
      /**
       * @description Only for a result: the clinician who learns that it is ready, and of each new version.
       * @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A
       */
      orderedBy?: string | null;
    };
    Amendment: {
      /** @description The version that the author has read. */
      version: number;
      text: string;
    };
    PatientConsents: {
      items: components["schemas"]["PatientConsent"][];
    };
    PatientConsent: {
      /** @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A */
      id: string;
      /** @enum {string} */
      decision: "permit" | "deny";
      /** @enum {string} */
      recordClass: "normal" | "restricted";
      /**
       * @description The user whom it is about; null for everyone.
       * @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A
       */
      userId: string | null;
      /**
       * Format: date-time
       * @example 2026-11-20T09:30:00.000Z
       */
      from: string;
      /**
       * Format: date-time
       * @example 2026-11-20T09:30:00.000Z
       */
      until: string | null;
      /**
       * @description The user who wrote it down.
       * @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A
       */
      recordedBy: string;
    };
    NewPatientConsent: {
      /** @enum {string} */
      decision: "permit" | "deny";
      /** @enum {string} */
      recordClass: "normal" | "restricted";
      /** @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A */
      userId?: string | null;
      /**
       * Format: date-time
       * @description Default: now.
       * @example 2026-11-20T09:30:00.000Z
       */
      from?: string;
      /**
       * Format: date-time
       * @example 2026-11-20T09:30:00.000Z
       */
      until?: string | null;
    };
    CareTeam: {
      items: {
        /** @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A */
        userId: string;
        /**
         * Format: date-time
         * @example 2026-11-20T09:30:00.000Z
         */
        until: string | null;
      }[];
    };
    CareAssignment: {
      /**
       * Format: date-time
       * @example 2026-11-20T09:30:00.000Z
       */
      until?: string | null;
    };
    CareStaff: {
      items: {
        /** @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A */
        userId: string;
        departments: string[];
      }[];
    };
    CareDepartments: {
      departments: string[];
    };
    EmergencyAccess: {
      /** @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A */
      id: string;
      /** @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A */
      patientId: string;
      /** @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A */
      userId: string;
      /** @enum {string} */
      recordClass: "normal" | "restricted";
      /**
       * Format: date-time
       * @example 2026-11-20T09:30:00.000Z
       */
      startedAt: string;
      /**
       * Format: date-time
       * @description Until a second person has confirmed: the end of the time for it.
       * @example 2026-11-20T09:30:00.000Z
       */
      expiresAt: string;
      /** @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A */
      confirmedBy: string | null;
      /** @description Whether the records can be read now. */
      isOpen: boolean;
    };
    NewEmergencyAccess: {
      reason: string;
      /**
       * @description Emergency treatment, the code of HL7 PurposeOfUse.
       * @enum {string}
       */
      purpose: "ETREAT";
      /**
       * @description For `restricted`, a second person must confirm within 10 minutes.
       * @default normal
       * @enum {string}
       */
      recordClass?: "normal" | "restricted";
    };
    EmergencyAccessPage: {
      items: components["schemas"]["EmergencyAccessForReview"][];
      /** @description The `cursor` for the next page; null at the end. */
      nextCursor: string | null;
    };
    EmergencyAccessForReview: components["schemas"]["EmergencyAccess"] & {
      reason: string;
      /**
       * Format: date-time
       * @description 72 hours after the start.
       * @example 2026-11-20T09:30:00.000Z
       */
      reviewBy: string;
      /** @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A */
      reviewedBy: string | null;
      /**
       * Format: date-time
       * @example 2026-11-20T09:30:00.000Z
       */
      reviewedAt: string | null;
      /** @enum {string|null} */
      verdict: "justified" | "unjustified" | null;
    };
    EmergencyAccessReview: {
      /** @enum {string} */
      verdict: "justified" | "unjustified";
    };
    PatientExport: {
      /** @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A */
      id: string;
      /** @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A */
      patientId: string;
      /** @enum {string} */
      status: "running" | "done";
      /**
       * Format: date-time
       * @example 2026-11-20T09:30:00.000Z
       */
      createdAt: string;
      /**
       * Format: date-time
       * @example 2026-11-20T09:30:00.000Z
       */
      expiresAt: string;
    };
    Appointments: {
      items: components["schemas"]["ListedAppointment"][];
      /** @description Whether the day has more visits than the list: name a clinician. */
      hasMore: boolean;
    };
    ListedAppointment: {
      /** @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A */
      id: string;
      /** @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A */
      patientId: string;
      /** @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A */
      clinicianId: string;
      department: string;
      /** @enum {string} */
      status: "booked" | "arrived" | "in_room" | "with_clinician" | "finished" | "cancelled" | "missed" | "left";
      /**
       * @description The code by which the hallway screen calls.
       * @example K4T9
       */
      ticket: string;
      /**
       * Format: date-time
       * @example 2026-11-20T09:30:00.000Z
       */
      startsAt: string;
      /**
       * Format: date-time
       * @example 2026-11-20T09:30:00.000Z
       */
      endsAt: string;
      /**
       * @description In the time zone of the tenant.
       * @example 2026-03-30T09:30
       */
      localStart: string;
    };
    PatientAppointments: {
      items: components["schemas"]["ListedAppointment"][];
      /** @description Whether the patient has more visits than the list. */
      hasMore: boolean;
    };
    Appointment: components["schemas"]["ListedAppointment"] & {
      /**
       * Format: date-time
       * @example 2026-11-20T09:30:00.000Z
       */
      arrivedAt: string | null;
      /**
       * Format: date-time
       * @example 2026-11-20T09:30:00.000Z
       */
      roomedAt: string | null;
      /**
       * Format: date-time
       * @example 2026-11-20T09:30:00.000Z
       */
      startedAt: string | null;
      /**
       * Format: date-time
       * @example 2026-11-20T09:30:00.000Z
       */
      finishedAt: string | null;
      /**
       * Format: date-time
       * @description When the visit was cancelled or missed, or the patient left.
       * @example 2026-11-20T09:30:00.000Z
       */
      endedAt: string | null;
      /**
       * Format: date-time
       * @description How long the last step can be undone.
       * @example 2026-11-20T09:30:00.000Z
       */
      undoUntil: string | null;
      reason: string | null;
    };
    NewAppointment: {
      /** @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A */
      patientId: string;
      /** @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A */
      clinicianId: string;
      /** @example General practice */
      department: string;
      /**
       * @description The local time, in the time zone of the tenant.
       * @example 2026-03-30T09:30
       */
      start: string;
      /**
       * @description Which one, for a local time that the clocks show twice on that day. Default: the first.
       * @enum {string}
       */
      repeated?: "first" | "second";
      /** @example 20 */
      minutes: number;
      reason?: string;
    };
    AppointmentMove: {
      /**
       * @description The status that the caller sees. Another one is answered with 409.
       * @enum {string}
       */
      expected: "booked" | "arrived" | "in_room" | "with_clinician" | "finished" | "cancelled" | "missed" | "left";
    };
    CareBoard: {
      /**
       * Format: date
       * @description Today in the time zone of the tenant.
       * @example 2026-12-31
       */
      day: string;
      /**
       * @description The time zone of the tenant.
       * @example Europe/Berlin
       */
      timeZone: string;
      /** @description The patients who have arrived and are not in a room. */
      waiting: number;
      longestWaitMs: number | null;
      /** @description From arrival to room, of all patients of today. */
      meanDoorToRoomMs: number | null;
      items: {
        ticket: string;
        /** @enum {string} */
        status: "booked" | "arrived" | "in_room" | "with_clinician" | "finished" | "cancelled" | "missed" | "left";
        /**
         * Format: date-time
         * @example 2026-11-20T09:30:00.000Z
         */
        startsAt: string;
        /**
         * Format: date-time
         * @example 2026-11-20T09:30:00.000Z
         */
        arrivedAt: string | null;
        /** @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A */
        id: string;
        /** @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A */
        patientId: string;
        name: string;
        /** @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A */
        clinicianId: string;
        clinician: string;
        /**
         * Format: date-time
         * @example 2026-11-20T09:30:00.000Z
         */
        roomedAt: string | null;
        /**
         * Format: date-time
         * @example 2026-11-20T09:30:00.000Z
         */
        startedAt: string | null;
        /**
         * Format: date-time
         * @example 2026-11-20T09:30:00.000Z
         */
        finishedAt: string | null;
        /**
         * Format: date-time
         * @example 2026-11-20T09:30:00.000Z
         */
        endedAt: string | null;
      }[];
    };
    HallwayBoard: {
      /**
       * Format: date
       * @description Today in the time zone of the tenant.
       * @example 2026-12-31
       */
      day: string;
      /**
       * @description The time zone of the tenant.
       * @example Europe/Berlin
       */
      timeZone: string;
      /** @description The patients who have arrived and are not in a room. */
      waiting: number;
      longestWaitMs: number | null;
      /** @description From arrival to room, of all patients of today. */
      meanDoorToRoomMs: number | null;
      items: {
        ticket: string;
        /** @enum {string} */
        status: "booked" | "arrived" | "in_room" | "with_clinician" | "finished" | "cancelled" | "missed" | "left";
        /**
         * Format: date-time
         * @example 2026-11-20T09:30:00.000Z
         */
        startsAt: string;
        /**
         * Format: date-time
         * @example 2026-11-20T09:30:00.000Z
         */
        arrivedAt: string | null;
      }[];
    };
    CareAccounts: {
      items: components["schemas"]["CareAccount"][];
    };
    CareAccount: {
      /** @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A */
      id: string;
      /** @enum {string} */
      kind: "patient" | "insurer" | "cash" | "revenue" | "adjustment";
      /** @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A */
      patientId: string | null;
      insurer: string | null;
      currency: string;
      /**
       * @description The sum of all entries. A patient with a positive balance has to pay.
       * @example -120.00
       */
      balance: string;
      /** @description The number of entries. */
      version: number;
    };
    LedgerEntryPage: {
      items: components["schemas"]["LedgerEntry"][];
      nextCursor: string | null;
    };
    LedgerEntry: {
      /**
       * @description The transaction of the entry.
       * @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A
       */
      id: string;
      /** @description The place in the account: 1, 2, 3, … */
      version: number;
      /** @enum {string} */
      kind: "charge" | "payment" | "adjustment" | "claim" | "reversal";
      /**
       * @description With the decimal places of the currency: 2, 0 such as JPY, or 3 such as KWD.
       * @example 12500.00
       */
      amount: string;
      /**
       * @description The balance after the entry.
       * @example -120.00
       */
      balance: string;
      /** @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A */
      reversesId: string | null;
      memo: string | null;
      /**
       * Format: date-time
       * @example 2026-11-20T09:30:00.000Z
       */
      at: string;
    };
    LedgerTransaction: {
      /** @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A */
      id: string;
      /** @enum {string} */
      kind: "charge" | "payment" | "adjustment" | "claim" | "reversal";
      accounts: {
        /** @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A */
        id: string;
        /**
         * @description With the decimal places of the currency: 2, 0 such as JPY, or 3 such as KWD.
         * @example 12500.00
         */
        amount: string;
        /**
         * @description The sum of all entries. A patient with a positive balance has to pay.
         * @example -120.00
         */
        balance: string;
        version: number;
      }[];
    };
    NewLedgerEntry: {
      /**
       * @description A charge raises the balance against the revenue, a payment lowers it against the cash, an adjustment changes it by its sign, and a claim moves it to the account of an insurer.
       * @enum {string}
       */
      kind: "charge" | "payment" | "adjustment" | "claim";
      /** @example 45.00 */
      amount: string;
      /** @description For a claim: the name of the insurer. */
      insurer?: string;
      memo?: string;
    };
    LedgerReversal: {
      memo?: string;
    };
    TrialBalance: {
      items: {
        currency: string;
        /** @enum {string} */
        kind: "patient" | "insurer" | "cash" | "revenue" | "adjustment";
        /**
         * @description With the decimal places of the currency: 2, 0 such as JPY, or 3 such as KWD.
         * @example 12500.00
         */
        balance: string;
      }[];
      /** @description The sum of all balances in a currency, which is zero. */
      totals: {
        currency: string;
        /**
         * @description With the decimal places of the currency: 2, 0 such as JPY, or 3 such as KWD.
         * @example 12500.00
         */
        total: string;
      }[];
    };
    Presence: {
      topic: string;
      /** @description The users who listen, each once. */
      userIds: string[];
    };
    Stream: {
      name: string;
      /** @description Entries in Redis, which some group has not handled. */
      entries: number;
      groups: components["schemas"]["StreamGroup"][];
    };
    StreamGroup: {
      name: string;
      /** @description Entries that a run has taken and not yet handled. */
      pending: number;
      /** @description Entries that no run has taken; at most 1000 are counted. */
      waiting: number;
      /** @description Whether the next run reads events from the database: the group is new, or Redis has lost entries. */
      behind: boolean;
      /** @description Events that were put aside. */
      dead: number;
      /** @description The generation that readers see; null for no projection. */
      generation: number | null;
      /** @description The generation that a rebuild is making. */
      building: number | null;
    };
    DeadEvent: {
      key: string;
      version: number;
      type: string;
      /** @description The code or the name of the error; `KEY_HELD` behind another dead event of the key. */
      reason: string;
      /**
       * Format: date-time
       * @example 2026-11-20T09:30:00.000Z
       */
      diedAt: string;
      /** @description Whether the event waits for another attempt. */
      replay: boolean;
    };
    Alert: {
      name: string;
      summary: string;
      /** @enum {string} */
      severity: "critical" | "warning";
      /**
       * @description `unknown`: there is no value, or too few samples.
       * @enum {string}
       */
      state: "ok" | "pending" | "firing" | "unknown";
      /**
       * Format: date-time
       * @example 2026-11-20T09:30:00.000Z
       */
      since: string | null;
      /** @example 62.5 % */
      value: string;
      /** @example below 60 % */
      limit: string;
      silenced: boolean;
      runbook: string | null;
    };
    AlertSilence: {
      id: string;
      /** @description The name of an alert, or `*` for every alert. */
      name: string;
      reason: string;
      /** @description The id of the caller who began the silence. */
      by: string;
      /**
       * Format: date-time
       * @example 2026-11-20T09:30:00.000Z
       */
      startedAt: string;
      /**
       * Format: date-time
       * @example 2026-11-20T09:30:00.000Z
       */
      endsAt: string;
    };
    AlertChange: {
      name: string;
      /** @enum {string} */
      change: "fired" | "resolved";
      /**
       * Format: date-time
       * @example 2026-11-20T09:30:00.000Z
       */
      at: string;
      value: number | null;
    };
    AuditEntry: {
      /** @example deal_01JD3Y5Z8N4W6Q7R9S0T1V2X3A */
      id: string;
      /** @enum {string} */
      actorType: "user" | "machine" | "system";
      actorId: string | null;
      onBehalf: string | null;
      /** @example webhook.created */
      action: string;
      /** @enum {string} */
      outcome: "ok" | "refused" | "failed";
      entityType: string;
      entityId: string | null;
      patientId: string | null;
      purpose: string | null;
      requestId: string | null;
      ipDigest: string | null;
      /**
       * Format: date-time
       * @example 2026-11-20T09:30:00.000Z
       */
      occurredAt: string;
      /** @description `null` after an erasure. */
      data: {
        [key: string]: unknown;
      } | null;
      /** @description The seal of the entry; `null` until the entry is sealed. */
      seal: number | null;
    };
    AuditEvent: {
      [key: string]: unknown;
    };
    AuditSeal: {
      tenantId: string;
      seal: number;
      count: number;
      /** @description 64 hexadecimal digits. */
      root: string;
      /** @description 64 hexadecimal digits. */
      prevHash: string;
      /** @description 64 hexadecimal digits. */
      hash: string;
      /**
       * Format: date-time
       * @example 2026-11-20T09:30:00.000Z
       */
      firstAt: string;
      /**
       * Format: date-time
       * @example 2026-11-20T09:30:00.000Z
       */
      lastAt: string;
      /**
       * Format: date-time
       * @example 2026-11-20T09:30:00.000Z
       */
      sealedAt: string;
      keyId: string;
      /** @description Ed25519 over the hash, base64url. */
      signature: string;
    };
    AuditProof: {
      /** @description Whether the proof holds with the public key of this deployment. */
      valid: boolean;
      /** @description All fields of the entry, with its leaf. */
      entry: {
        [key: string]: unknown;
      };
      seal: components["schemas"]["AuditSeal"];
      /** @description The sibling nodes from the leaf to the root, the lowest first. */
      path: string[];
    };
    CacheStatistics: {
      isolate: {
        total: components["schemas"]["CacheCounters"];
        byQuery: {
          [key: string]: components["schemas"]["CacheCounters"];
        };
      };
      today: {
        byQuery: {
          [key: string]: components["schemas"]["CacheCounters"];
        };
      };
    };
    CacheCounters: {
      hits: number;
      misses: number;
      stale: number;
      bypasses: number;
      loads: number;
      loadMs: number;
      sets: number;
      deletes: number;
      errors: number;
      oversized: number;
      /** @description The length of the stored entries. */
      stored: number;
      bytes: number;
      hitRatio: number;
    };
    CacheEntry: {
      key: string;
      /** @enum {string} */
      state: "fresh" | "stale" | "expired" | "invalidated" | "changing" | "unreadable";
      ageMs: number | null;
      freshForMs: number | null;
      endsInMs: number;
      loadMs: number | null;
      bytes: number;
      encoding: string | null;
      tags: {
        key: string;
        current: boolean;
      }[];
    };
    CacheInvalidation: {
      /**
       * @description The tags, each as a list of its parts.
       * @example [
       *       [
       *         "deals"
       *       ],
       *       [
       *         "company",
       *         "company_01J…",
       *         "deals"
       *       ]
       *     ]
       */
      tags?: string[][];
      /**
       * @description Serve the old value while it is refreshed.
       * @default false
       */
      soft?: boolean;
      /** @example deal-page:* */
      pattern?: string;
    };
    Job: {
      id: string;
      name: string;
      /** @enum {string} */
      state: "queued" | "running" | "failed" | "done" | "dead" | "cancelled";
      generation: number;
      /** @description Started runs of the current slice. */
      attempt: number;
      errors: number;
      /** @description Runs that crashed. */
      crashes: number;
      slice: number;
      /**
       * Format: date-time
       * @example 2026-11-20T09:30:00.000Z
       */
      enqueuedAt: string | null;
      /**
       * Format: date-time
       * @example 2026-11-20T09:30:00.000Z
       */
      dueAt: string | null;
      /**
       * Format: date-time
       * @example 2026-11-20T09:30:00.000Z
       */
      updatedAt: string;
      /**
       * Format: date-time
       * @example 2026-11-20T09:30:00.000Z
       */
      retryAt: string | null;
      /** @description Why the job failed, is dead or was cancelled. */
      reason: string | null;
      /** @description The error message of the last attempt, with possible values removed; at most 500 characters. */
      errorMessage: string | null;
      duplicateOf: string | null;
      progress?: unknown;
      /** @description The result; for a sensitive job only `(sealed)`. */
      result?: unknown;
    };
    JobDetail: components["schemas"]["Job"] & {
      /** @description The last 20 ended runs, oldest first. */
      pastAttempts: {
        slice: number;
        number: number;
        /**
         * Format: date-time
         * @example 2026-11-20T09:30:00.000Z
         */
        startedAt: string;
        /**
         * Format: date-time
         * @description For a crash, the time when the lease expired.
         * @example 2026-11-20T09:30:00.000Z
         */
        endedAt: string;
        /**
         * @description `crashed`: the run never reported its end.
         * @enum {string}
         */
        outcome: "done" | "failed" | "dead" | "cancelled" | "snooze" | "continue" | "crashed";
        reason: string | null;
      }[];
    };
    JobQueue: {
      name: string;
      jobs: string[];
      /** @description The most parallel runs per priority; null for no limit. */
      concurrency: number | null;
      /** @description Whether the queue is paused, for all tenants; null if QStash did not answer. */
      paused: boolean | null;
      counts: {
        queued: number;
        running: number;
        failed: number;
        done: number;
        dead: number;
        cancelled: number;
      };
      lastHour: {
        done: number;
        dead: number;
      };
    };
    Schedule: {
      name: string;
      /** @example 30 4 * * * */
      cron: string;
      tz: string;
      running: {
        /**
         * Format: date-time
         * @example 2026-11-20T09:30:00.000Z
         */
        tick: string;
        attempt: number;
        /**
         * Format: date-time
         * @example 2026-11-20T09:30:00.000Z
         */
        startedAt: string;
        /**
         * Format: date-time
         * @example 2026-11-20T09:30:00.000Z
         */
        leaseUntil: string;
      } | null;
      last: {
        /**
         * Format: date-time
         * @example 2026-11-20T09:30:00.000Z
         */
        tick: string;
        /**
         * Format: date-time
         * @example 2026-11-20T09:30:00.000Z
         */
        endedAt: string;
        /** @enum {string} */
        outcome: "ok" | "failed" | "timeout" | "crashed";
        ms: number | null;
        /** @description The result, or the reason for the failure. */
        detail: string | null;
      } | null;
      /**
       * Format: date-time
       * @example 2026-11-20T09:30:00.000Z
       */
      nextTick: string | null;
      /** @description Since when the schedule is paused, and the id of the caller. */
      paused: {
        /**
         * Format: date-time
         * @example 2026-11-20T09:30:00.000Z
         */
        at: string;
        by: string;
      } | null;
      counts: {
        ok: number;
        failed: number;
        timeout: number;
        crashed: number;
        skipped: number;
        missed: number;
      };
    };
    RefusedDeliveries: {
      missing: number;
      malformed: number;
      key: number;
      expired: number;
      issuer: number;
      url: number;
      claims: number;
      body: number;
      replay: number;
    };
  };
  responses: never;
}
export interface operations {
  "health.check": {
    parameters: {
      query?: never;
      path?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The process is alive */
      200: {
        content: {
          "application/json": {
            /** @enum {string} */
            status: "ok";
          };
        };
      };
    };
  };
  "health.checkReadiness": {
    parameters: {
      query?: never;
      path?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Ready; if `degraded`, without the cache */
      200: {
        content: {
          "application/json": components["schemas"]["Readiness"];
        };
      };
    };
  };
  "tenants.signUp": {
    parameters: {
      query?: never;
      path?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["SignUp"];
      };
    };
    responses: {
      /** @description The code is being sent */
      202: {
        content: {
          "application/json": components["schemas"]["CodeSent"];
        };
      };
    };
  };
  "sessions.signIn": {
    parameters: {
      query?: never;
      path?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["SignIn"];
      };
    };
    responses: {
      /** @description You are signed in */
      200: {
        content: {
          "application/json": components["schemas"]["SignedIn"];
        };
      };
    };
  };
  "codes.request": {
    parameters: {
      query?: never;
      path?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["CodeRequest"];
      };
    };
    responses: {
      /** @description If the address has an account, a code or link is being sent, or a link is in the mailbox */
      202: {
        content: {
          "application/json": components["schemas"]["CodeSent"];
        };
      };
    };
  };
  "codes.verify": {
    parameters: {
      query?: never;
      path?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["Verify"];
      };
    };
    responses: {
      /** @description You are signed in */
      200: {
        content: {
          "application/json": components["schemas"]["SignedIn"];
        };
      };
    };
  };
  "tokens.refresh": {
    parameters: {
      query?: never;
      path?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["Refresh"];
      };
    };
    responses: {
      /** @description New tokens */
      200: {
        content: {
          "application/json": components["schemas"]["Tokens"];
        };
      };
    };
  };
  "tokens.revoke": {
    parameters: {
      query?: never;
      path?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["Refresh"];
      };
    };
    responses: {
      /** @description Ended */
      204: {
        content?: never;
      };
    };
  };
  "sessions.getCurrent": {
    parameters: {
      query?: never;
      path?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The caller */
      200: {
        content: {
          "application/json": components["schemas"]["Who"];
        };
      };
    };
  };
  "sessions.list": {
    parameters: {
      query?: never;
      path?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The sessions, last used first */
      200: {
        content: {
          "application/json": components["schemas"]["SessionList"];
        };
      };
    };
  };
  "sessions.revokeOthers": {
    parameters: {
      query?: never;
      path?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Ended */
      204: {
        content?: never;
      };
    };
  };
  "sessions.revoke": {
    parameters: {
      query?: never;
      path: {
        id: string;
      };
    };
    requestBody?: never;
    responses: {
      /** @description Ended */
      204: {
        content?: never;
      };
    };
  };
  "sessions.revokeAll": {
    parameters: {
      query?: never;
      path?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Ended */
      204: {
        content?: never;
      };
    };
  };
  "sessions.signOut": {
    parameters: {
      query?: never;
      path?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Signed out */
      204: {
        content?: never;
      };
    };
  };
  "passwords.change": {
    parameters: {
      query?: never;
      path?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["PasswordChange"];
      };
    };
    responses: {
      /** @description Changed */
      204: {
        content?: never;
      };
    };
  };
  "passkeys.list": {
    parameters: {
      query?: never;
      path?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The passkeys, the oldest first */
      200: {
        content: {
          "application/json": components["schemas"]["PasskeyList"];
        };
      };
    };
  };
  "passkeys.create": {
    parameters: {
      query?: never;
      path?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["NewPasskey"];
      };
    };
    responses: {
      /** @description The passkey */
      201: {
        content: {
          "application/json": components["schemas"]["Passkey"];
        };
      };
    };
  };
  "passkeys.start": {
    parameters: {
      query?: never;
      path?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The options for the browser */
      200: {
        content: {
          "application/json": {
            challenge: string;
          } & {
            [key: string]: unknown;
          };
        };
      };
    };
  };
  "passkeys.delete": {
    parameters: {
      query?: never;
      path: {
        id: string;
      };
    };
    requestBody?: never;
    responses: {
      /** @description Removed */
      204: {
        content?: never;
      };
    };
  };
  "factors.verify": {
    parameters: {
      query?: never;
      path?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["FactorCompletion"];
      };
    };
    responses: {
      /** @description You are signed in */
      200: {
        content: {
          "application/json": components["schemas"]["SignedIn"];
        };
      };
    };
  };
  "factors.start": {
    parameters: {
      query?: never;
      path?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["PendingSignIn"];
      };
    };
    responses: {
      /** @description The options for the browser */
      200: {
        content: {
          "application/json": {
            challenge: string;
          } & {
            [key: string]: unknown;
          };
        };
      };
    };
  };
  "factors.refresh": {
    parameters: {
      query?: never;
      path?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["FactorProof"];
      };
    };
    responses: {
      /** @description Confirmed */
      204: {
        content?: never;
      };
    };
  };
  "factors.begin": {
    parameters: {
      query?: never;
      path?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The secret of the app */
      200: {
        content: {
          "application/json": components["schemas"]["NewFactor"];
        };
      };
    };
  };
  "factors.confirm": {
    parameters: {
      query?: never;
      path?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["FactorConfirmation"];
      };
    };
    responses: {
      /** @description Your recovery codes, shown once */
      200: {
        content: {
          "application/json": components["schemas"]["RecoveryCodes"];
        };
      };
    };
  };
  "factors.remove": {
    parameters: {
      query?: never;
      path?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["FactorProof"];
      };
    };
    responses: {
      /** @description Removed */
      204: {
        content?: never;
      };
    };
  };
  "recoveryCodes.create": {
    parameters: {
      query?: never;
      path?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["FactorProof"];
      };
    };
    responses: {
      /** @description Your recovery codes, shown once */
      200: {
        content: {
          "application/json": components["schemas"]["RecoveryCodes"];
        };
      };
    };
  };
  "factors.revoke": {
    parameters: {
      query?: never;
      path: {
        userId: string;
      };
    };
    requestBody?: never;
    responses: {
      /** @description Removed */
      204: {
        content?: never;
      };
    };
  };
  "invitations.create": {
    parameters: {
      query?: never;
      path?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["Invitation"];
      };
    };
    responses: {
      /** @description The new user */
      201: {
        content: {
          "application/json": components["schemas"]["Invited"];
        };
      };
    };
  };
  "invitations.resend": {
    parameters: {
      query?: never;
      path: {
        userId: string;
      };
    };
    requestBody?: never;
    responses: {
      /** @description The mail is on its way */
      202: {
        content: {
          "application/json": components["schemas"]["Invited"];
        };
      };
    };
  };
  "invitations.accept": {
    parameters: {
      query?: never;
      path?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["InvitationAcceptance"];
      };
    };
    responses: {
      /** @description You are signed in */
      200: {
        content: {
          "application/json": components["schemas"]["SignedIn"];
        };
      };
    };
  };
  "apiKeys.list": {
    parameters: {
      query?: {
        /** @description The maximum number of items. */
        limit?: number;
        cursor?: string;
      };
      path?: never;
    };
    requestBody?: never;
    responses: {
      /** @description A page of keys */
      200: {
        content: {
          "application/json": components["schemas"]["ApiKeyPage"];
        };
      };
    };
  };
  "apiKeys.create": {
    parameters: {
      query?: never;
      path?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["NewApiKey"];
      };
    };
    responses: {
      /** @description The new key */
      201: {
        content: {
          "application/json": components["schemas"]["ApiKeyWithSecret"];
        };
      };
    };
  };
  "apiKeys.get": {
    parameters: {
      query?: never;
      path: {
        id: string;
      };
    };
    requestBody?: never;
    responses: {
      /** @description The key, without its secret */
      200: {
        content: {
          "application/json": components["schemas"]["ApiKey"];
        };
      };
    };
  };
  "apiKeys.revoke": {
    parameters: {
      query?: never;
      path: {
        id: string;
      };
    };
    requestBody?: never;
    responses: {
      /** @description Revoked */
      204: {
        content?: never;
      };
    };
  };
  "apiKeys.rotate": {
    parameters: {
      query?: never;
      path: {
        id: string;
      };
    };
    requestBody?: never;
    responses: {
      /** @description The key with its new secret */
      200: {
        content: {
          "application/json": components["schemas"]["ApiKeyWithSecret"];
        };
      };
    };
  };
  "tenant.get": {
    parameters: {
      query?: never;
      path?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The result */
      200: {
        content: {
          "application/json": components["schemas"]["Tenant"];
        };
      };
    };
  };
  "tenant.update": {
    parameters: {
      query?: never;
      path?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["TenantChanges"];
      };
    };
    responses: {
      /** @description The new settings */
      200: {
        content: {
          "application/json": components["schemas"]["Tenant"];
        };
      };
    };
  };
  "users.list": {
    parameters: {
      query?: {
        /** @description The maximum number of items. */
        limit?: number;
        /** @description The `nextCursor` of the previous page. */
        cursor?: string;
        role?: "owner" | "admin" | "member" | "clinician" | "auditor" | "reception" | "nurse" | "biller" | "care_auditor";
        /** @description Part of the name or the e-mail address, in any case. */
        search?: string;
      };
      path?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The result */
      200: {
        content: {
          "application/json": components["schemas"]["UserPage"];
        };
      };
    };
  };
  "users.get": {
    parameters: {
      query?: never;
      path: {
        id: string;
      };
    };
    requestBody?: never;
    responses: {
      /** @description The result */
      200: {
        content: {
          "application/json": components["schemas"]["User"];
        };
      };
    };
  };
  "users.update": {
    parameters: {
      query?: never;
      path: {
        id: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["UserChanges"];
      };
    };
    responses: {
      /** @description The updated user */
      200: {
        content: {
          "application/json": components["schemas"]["User"];
        };
      };
    };
  };
  "me.update": {
    parameters: {
      query?: never;
      path?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["OwnChanges"];
      };
    };
    responses: {
      /** @description You, after the change */
      200: {
        content: {
          "application/json": components["schemas"]["User"];
        };
      };
    };
  };
  "users.getFull": {
    parameters: {
      query?: never;
      path: {
        id: string;
      };
    };
    requestBody?: never;
    responses: {
      /** @description The result */
      200: {
        content: {
          "application/json": components["schemas"]["UserFull"];
        };
      };
    };
  };
  "users.listProjects": {
    parameters: {
      query?: {
        /** @description The maximum number of items. */
        limit?: number;
        /** @description The `nextCursor` of the previous page. */
        cursor?: string;
      };
      path: {
        id: string;
      };
    };
    requestBody?: never;
    responses: {
      /** @description The result */
      200: {
        content: {
          "application/json": components["schemas"]["UserProjectPage"];
        };
      };
    };
  };
  "users.listTasks": {
    parameters: {
      query?: {
        /** @description The maximum number of items. */
        limit?: number;
        /** @description The `nextCursor` of the previous page. */
        cursor?: string;
        status?: "todo" | "doing" | "blocked" | "done" | "cancelled";
      };
      path: {
        id: string;
      };
    };
    requestBody?: never;
    responses: {
      /** @description The result */
      200: {
        content: {
          "application/json": components["schemas"]["TaskPage"];
        };
      };
    };
  };
  "users.getDashboard": {
    parameters: {
      query?: never;
      path: {
        id: string;
      };
    };
    requestBody?: never;
    responses: {
      /** @description The result */
      200: {
        content: {
          "application/json": components["schemas"]["UserDashboard"];
        };
      };
    };
  };
  "companies.list": {
    parameters: {
      query?: {
        /** @description The maximum number of items. */
        limit?: number;
        /** @description The `nextCursor` of the previous page. */
        cursor?: string;
        /** @description Beginnings of words of the name, domain, industry or city. */
        search?: string;
        industry?: string;
        ownerId?: string;
      };
      path?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The result */
      200: {
        content: {
          "application/json": components["schemas"]["CompanyPage"];
        };
      };
    };
  };
  "companies.create": {
    parameters: {
      query?: never;
      path?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["NewCompany"];
      };
    };
    responses: {
      /** @description The new company */
      201: {
        content: {
          "application/json": components["schemas"]["Company"];
        };
      };
    };
  };
  "companies.get": {
    parameters: {
      query?: never;
      path: {
        id: string;
      };
    };
    requestBody?: never;
    responses: {
      /** @description The result */
      200: {
        content: {
          "application/json": components["schemas"]["Company"];
        };
      };
    };
  };
  "companies.delete": {
    parameters: {
      query?: never;
      path: {
        id: string;
      };
    };
    requestBody?: never;
    responses: {
      /** @description Deleted */
      204: {
        content?: never;
      };
    };
  };
  "companies.update": {
    parameters: {
      query?: never;
      path: {
        id: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["CompanyChanges"];
      };
    };
    responses: {
      /** @description The updated company */
      200: {
        content: {
          "application/json": components["schemas"]["Company"];
        };
      };
    };
  };
  "companies.getFull": {
    parameters: {
      query?: never;
      path: {
        id: string;
      };
    };
    requestBody?: never;
    responses: {
      /** @description The result */
      200: {
        content: {
          "application/json": components["schemas"]["CompanyFull"];
        };
      };
    };
  };
  "contacts.list": {
    parameters: {
      query?: {
        /** @description The maximum number of items. */
        limit?: number;
        /** @description The `nextCursor` of the previous page. */
        cursor?: string;
        /** @description Beginnings of words of the contact, a part of the e-mail address, or digits of the telephone number. */
        search?: string;
        companyId?: string;
        ownerId?: string;
      };
      path?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The result */
      200: {
        content: {
          "application/json": components["schemas"]["ContactPage"];
        };
      };
    };
  };
  "contacts.create": {
    parameters: {
      query?: never;
      path?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["NewContact"];
      };
    };
    responses: {
      /** @description The new contact */
      201: {
        content: {
          "application/json": components["schemas"]["Contact"];
        };
      };
    };
  };
  "contacts.get": {
    parameters: {
      query?: never;
      path: {
        id: string;
      };
    };
    requestBody?: never;
    responses: {
      /** @description The result */
      200: {
        content: {
          "application/json": components["schemas"]["Contact"];
        };
      };
    };
  };
  "contacts.delete": {
    parameters: {
      query?: never;
      path: {
        id: string;
      };
    };
    requestBody?: never;
    responses: {
      /** @description Deleted */
      204: {
        content?: never;
      };
    };
  };
  "contacts.update": {
    parameters: {
      query?: never;
      path: {
        id: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["ContactChanges"];
      };
    };
    responses: {
      /** @description The updated contact */
      200: {
        content: {
          "application/json": components["schemas"]["Contact"];
        };
      };
    };
  };
  "contacts.getFull": {
    parameters: {
      query?: never;
      path: {
        id: string;
      };
    };
    requestBody?: never;
    responses: {
      /** @description The result */
      200: {
        content: {
          "application/json": components["schemas"]["ContactFull"];
        };
      };
    };
  };
  "deals.getPipeline": {
    parameters: {
      query?: never;
      path?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The result */
      200: {
        content: {
          "application/json": components["schemas"]["DealPipeline"];
        };
      };
    };
  };
  "deals.getHistory": {
    parameters: {
      query?: never;
      path: {
        id: string;
      };
    };
    requestBody?: never;
    responses: {
      /** @description The result */
      200: {
        content: {
          "application/json": components["schemas"]["DealHistory"];
        };
      };
    };
  };
  "deals.list": {
    parameters: {
      query?: {
        /** @description The maximum number of items. */
        limit?: number;
        /** @description The `nextCursor` of the previous page. */
        cursor?: string;
        /** @description Beginnings of words of the title and of custom fields. A word of one letter must be the whole word. */
        search?: string;
        stage?: "lead" | "qualified" | "proposal" | "negotiation" | "won" | "lost";
        companyId?: string;
        ownerId?: string;
      };
      path?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The result */
      200: {
        content: {
          "application/json": components["schemas"]["DealPage"];
        };
      };
    };
  };
  "deals.create": {
    parameters: {
      query?: never;
      path?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["NewDeal"];
      };
    };
    responses: {
      /** @description The new deal */
      201: {
        content: {
          "application/json": components["schemas"]["Deal"];
        };
      };
    };
  };
  "deals.get": {
    parameters: {
      query?: never;
      path: {
        id: string;
      };
    };
    requestBody?: never;
    responses: {
      /** @description The result */
      200: {
        content: {
          "application/json": components["schemas"]["Deal"];
        };
      };
    };
  };
  "deals.delete": {
    parameters: {
      query?: never;
      path: {
        id: string;
      };
    };
    requestBody?: never;
    responses: {
      /** @description Deleted */
      204: {
        content?: never;
      };
    };
  };
  "deals.update": {
    parameters: {
      query?: never;
      path: {
        id: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["DealChanges"];
      };
    };
    responses: {
      /** @description The updated deal */
      200: {
        content: {
          "application/json": components["schemas"]["Deal"];
        };
      };
    };
  };
  "customFields.list": {
    parameters: {
      query?: {
        kind?: "contact" | "company" | "deal";
      };
      path?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The result */
      200: {
        content: {
          "application/json": components["schemas"]["CustomFieldList"];
        };
      };
    };
  };
  "customFields.create": {
    parameters: {
      query?: never;
      path?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["NewCustomField"];
      };
    };
    responses: {
      /** @description The new custom field */
      201: {
        content: {
          "application/json": components["schemas"]["CustomField"];
        };
      };
    };
  };
  "customFields.get": {
    parameters: {
      query?: never;
      path: {
        id: string;
      };
    };
    requestBody?: never;
    responses: {
      /** @description The result */
      200: {
        content: {
          "application/json": components["schemas"]["CustomField"];
        };
      };
    };
  };
  "customFields.delete": {
    parameters: {
      query?: never;
      path: {
        id: string;
      };
    };
    requestBody?: never;
    responses: {
      /** @description Deleted */
      204: {
        content?: never;
      };
    };
  };
  "customFields.update": {
    parameters: {
      query?: never;
      path: {
        id: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["CustomFieldChanges"];
      };
    };
    responses: {
      /** @description The updated custom field */
      200: {
        content: {
          "application/json": components["schemas"]["CustomField"];
        };
      };
    };
  };
  "projects.list": {
    parameters: {
      query?: {
        /** @description The maximum number of items. */
        limit?: number;
        /** @description The `nextCursor` of the previous page. */
        cursor?: string;
        /** @description Beginnings of words of the name and the description. A word of one letter must be the whole word. */
        search?: string;
        status?: "planned" | "active" | "paused" | "done" | "cancelled";
        companyId?: string;
        ownerId?: string;
      };
      path?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The result */
      200: {
        content: {
          "application/json": components["schemas"]["ProjectPage"];
        };
      };
    };
  };
  "projects.create": {
    parameters: {
      query?: never;
      path?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["NewProject"];
      };
    };
    responses: {
      /** @description The new project */
      201: {
        content: {
          "application/json": components["schemas"]["Project"];
        };
      };
    };
  };
  "projects.get": {
    parameters: {
      query?: never;
      path: {
        id: string;
      };
    };
    requestBody?: never;
    responses: {
      /** @description The result */
      200: {
        content: {
          "application/json": components["schemas"]["Project"];
        };
      };
    };
  };
  "projects.delete": {
    parameters: {
      query?: never;
      path: {
        id: string;
      };
    };
    requestBody?: never;
    responses: {
      /** @description Deleted */
      204: {
        content?: never;
      };
    };
  };
  "projects.update": {
    parameters: {
      query?: never;
      path: {
        id: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["ProjectChanges"];
      };
    };
    responses: {
      /** @description The updated project */
      200: {
        content: {
          "application/json": components["schemas"]["Project"];
        };
      };
    };
  };
  "projects.getDetails": {
    parameters: {
      query?: never;
      path: {
        id: string;
      };
    };
    requestBody?: never;
    responses: {
      /** @description The result */
      200: {
        content: {
          "application/json": components["schemas"]["ProjectDetails"];
        };
      };
    };
  };
  "projects.getFull": {
    parameters: {
      query?: never;
      path: {
        id: string;
      };
    };
    requestBody?: never;
    responses: {
      /** @description The result */
      200: {
        content: {
          "application/json": components["schemas"]["ProjectFull"];
        };
      };
    };
  };
  "projects.listTasks": {
    parameters: {
      query?: {
        /** @description The maximum number of items. */
        limit?: number;
        /** @description The `nextCursor` of the previous page. */
        cursor?: string;
        status?: "todo" | "doing" | "blocked" | "done" | "cancelled";
      };
      path: {
        id: string;
      };
    };
    requestBody?: never;
    responses: {
      /** @description The result */
      200: {
        content: {
          "application/json": components["schemas"]["TaskPage"];
        };
      };
    };
  };
  "projects.listMembers": {
    parameters: {
      query?: never;
      path: {
        id: string;
      };
    };
    requestBody?: never;
    responses: {
      /** @description The result */
      200: {
        content: {
          "application/json": components["schemas"]["ProjectTeam"];
        };
      };
    };
  };
  "projects.getStatistics": {
    parameters: {
      query?: never;
      path: {
        id: string;
      };
    };
    requestBody?: never;
    responses: {
      /** @description The result */
      200: {
        content: {
          "application/json": components["schemas"]["ProjectStats"];
        };
      };
    };
  };
  "projects.setMember": {
    parameters: {
      query?: never;
      path: {
        id: string;
        userId: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["ProjectMembership"];
      };
    };
    responses: {
      /** @description The member */
      200: {
        content: {
          "application/json": components["schemas"]["ProjectMember"];
        };
      };
    };
  };
  "projects.removeMember": {
    parameters: {
      query?: never;
      path: {
        id: string;
        userId: string;
      };
    };
    requestBody?: never;
    responses: {
      /** @description Removed */
      204: {
        content?: never;
      };
    };
  };
  "tasks.list": {
    parameters: {
      query?: {
        /** @description The maximum number of items. */
        limit?: number;
        /** @description The `nextCursor` of the previous page. */
        cursor?: string;
        /** @description Beginnings of words of the title and the description. A word of one letter must be the whole word. */
        search?: string;
        status?: "todo" | "doing" | "blocked" | "done" | "cancelled";
        priority?: "low" | "normal" | "high" | "urgent";
        assigneeId?: string;
        projectId?: string;
        dealId?: string;
        /** @description Tasks due before this day. */
        dueBefore?: string;
      };
      path?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The result */
      200: {
        content: {
          "application/json": components["schemas"]["TaskPage"];
        };
      };
    };
  };
  "tasks.create": {
    parameters: {
      query?: never;
      path?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["NewTask"];
      };
    };
    responses: {
      /** @description The new task */
      201: {
        content: {
          "application/json": components["schemas"]["Task"];
        };
      };
    };
  };
  "tasks.get": {
    parameters: {
      query?: never;
      path: {
        id: string;
      };
    };
    requestBody?: never;
    responses: {
      /** @description The result */
      200: {
        content: {
          "application/json": components["schemas"]["Task"];
        };
      };
    };
  };
  "tasks.delete": {
    parameters: {
      query?: never;
      path: {
        id: string;
      };
    };
    requestBody?: never;
    responses: {
      /** @description Deleted */
      204: {
        content?: never;
      };
    };
  };
  "tasks.update": {
    parameters: {
      query?: never;
      path: {
        id: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["TaskChanges"];
      };
    };
    responses: {
      /** @description The updated task */
      200: {
        content: {
          "application/json": components["schemas"]["Task"];
        };
      };
    };
  };
  "dashboard.get": {
    parameters: {
      query?: never;
      path?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The result */
      200: {
        content: {
          "application/json": components["schemas"]["Dashboard"];
        };
      };
    };
  };
  "dashboard.getOverview": {
    parameters: {
      query?: never;
      path?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The result */
      200: {
        content: {
          "application/json": components["schemas"]["DashboardOverview"];
        };
      };
    };
  };
  "dashboard.getStatistics": {
    parameters: {
      query?: never;
      path?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The result */
      200: {
        content: {
          "application/json": components["schemas"]["DashboardStats"];
        };
      };
    };
  };
  "dashboard.listActivities": {
    parameters: {
      query?: {
        /** @description The maximum number of items. */
        limit?: number;
        /** @description The `nextCursor` of the previous page. */
        cursor?: string;
      };
      path?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The result */
      200: {
        content: {
          "application/json": components["schemas"]["ActivityPage"];
        };
      };
    };
  };
  "analytics.getCompany": {
    parameters: {
      query?: {
        /** @description The number of months, including the current one. */
        months?: number;
      };
      path: {
        id: string;
      };
    };
    requestBody?: never;
    responses: {
      /** @description The result */
      200: {
        content: {
          "application/json": components["schemas"]["CompanyMonths"];
        };
      };
    };
  };
  "analytics.refreshCompany": {
    parameters: {
      query?: {
        /** @description The number of months, including the current one. */
        months?: number;
      };
      path: {
        id: string;
      };
    };
    requestBody?: never;
    responses: {
      /** @description The new values, which are cached */
      200: {
        content: {
          "application/json": components["schemas"]["CompanyMonths"];
        };
      };
    };
  };
  "analytics.getTenant": {
    parameters: {
      query?: never;
      path?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The result */
      200: {
        content: {
          "application/json": components["schemas"]["PlatformStatistics"];
        };
      };
    };
  };
  "analytics.refreshTenant": {
    parameters: {
      query?: never;
      path?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The new values, which are cached */
      200: {
        content: {
          "application/json": components["schemas"]["PlatformStatistics"];
        };
      };
    };
  };
  "analytics.countActivities": {
    parameters: {
      query?: {
        /** @description The first day. Default: 30 days up to `to`. */
        from?: string;
        /** @description The last day. Default: 30 days from `from`; else today. */
        to?: string;
        by?: "day" | "person" | "kind";
      };
      path?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The result */
      200: {
        content: {
          "application/json": components["schemas"]["ActivityCounts"];
        };
      };
    };
  };
  "analytics.refreshActivities": {
    parameters: {
      query?: {
        /** @description The first day. Default: 30 days up to `to`. */
        from?: string;
        /** @description The last day. Default: 30 days from `from`; else today. */
        to?: string;
        by?: "day" | "person" | "kind";
      };
      path?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The new values, which are cached */
      200: {
        content: {
          "application/json": components["schemas"]["ActivityCounts"];
        };
      };
    };
  };
  "analytics.getVelocity": {
    parameters: {
      query?: {
        /** @description The number of months, including the current one. */
        months?: number;
      };
      path?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The result */
      200: {
        content: {
          "application/json": components["schemas"]["SalesVelocity"];
        };
      };
    };
  };
  "analytics.refreshVelocity": {
    parameters: {
      query?: {
        /** @description The number of months, including the current one. */
        months?: number;
      };
      path?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The new values, which are cached */
      200: {
        content: {
          "application/json": components["schemas"]["SalesVelocity"];
        };
      };
    };
  };
  "analytics.getUsage": {
    parameters: {
      query?: never;
      path?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The result */
      200: {
        content: {
          "application/json": components["schemas"]["Usage"];
        };
      };
    };
  };
  "imports.create": {
    parameters: {
      query?: {
        /** @description Whether unknown companies are added; if not, their rows are imported without a company. */
        createCompanies?: boolean;
        /** @description Answers how the file would be read, and its first rows as they would become. Nothing is stored. */
        dryRun?: boolean;
        /** @description Announces a file that comes in this number of parts: the body is empty, each part is sent to `PUT /imports/{id}/parts/{part}`, and `POST /imports/{id}/start` begins the import. */
        parts?: number;
        /** @description The same as JSON: an object with the fields, and the column or the list of columns of each field. */
        columns?: string;
        /** @description The column of `id`, as the file writes it. */
        "columns[id]"?: string;
        /** @description The column of `name`, as the file writes it. */
        "columns[name]"?: string;
        /** @description The column of `firstName`, as the file writes it. */
        "columns[firstName]"?: string;
        /** @description The column of `middleName`, as the file writes it. */
        "columns[middleName]"?: string;
        /** @description The column of `lastName`, as the file writes it. */
        "columns[lastName]"?: string;
        /** @description The column of `displayName`, as the file writes it. */
        "columns[displayName]"?: string;
        /** @description The column of `salutation`, as the file writes it. */
        "columns[salutation]"?: string;
        /** @description The column of `suffix`, as the file writes it. */
        "columns[suffix]"?: string;
        /** @description The column of `email`, as the file writes it. */
        "columns[email]"?: string;
        /** @description The column of `phone`, as the file writes it. */
        "columns[phone]"?: string;
        /** @description The column of `jobTitle`, as the file writes it. */
        "columns[jobTitle]"?: string;
        /** @description The column of `company`, as the file writes it. */
        "columns[company]"?: string;
        /** @description The column of `owner`, as the file writes it. */
        "columns[owner]"?: string;
        /** @description A column that fills no field, as the file writes it. */
        "columns[unused]"?: string;
      };
      path?: never;
    };
    requestBody: {
      content: {
        "text/csv": string;
      };
    };
    responses: {
      /** @description The dry run */
      200: {
        content: {
          "application/json": components["schemas"]["ImportPlan"];
        };
      };
      /** @description The import */
      202: {
        content: {
          "application/json": components["schemas"]["Import"];
        };
      };
    };
  };
  "imports.createCompanies": {
    parameters: {
      query?: {
        /** @description Answers how the file would be read, and its first rows as they would become. Nothing is stored. */
        dryRun?: boolean;
        /** @description Announces a file that comes in this number of parts: the body is empty, each part is sent to `PUT /imports/{id}/parts/{part}`, and `POST /imports/{id}/start` begins the import. */
        parts?: number;
        /** @description The same as JSON: an object with the fields, and the column or the list of columns of each field. */
        columns?: string;
        /** @description The column of `id`, as the file writes it. */
        "columns[id]"?: string;
        /** @description The column of `name`, as the file writes it. */
        "columns[name]"?: string;
        /** @description The column of `domain`, as the file writes it. */
        "columns[domain]"?: string;
        /** @description The column of `industry`, as the file writes it. */
        "columns[industry]"?: string;
        /** @description The column of `employees`, as the file writes it. */
        "columns[employees]"?: string;
        /** @description The column of `city`, as the file writes it. */
        "columns[city]"?: string;
        /** @description The column of `country`, as the file writes it. */
        "columns[country]"?: string;
        /** @description The column of `owner`, as the file writes it. */
        "columns[owner]"?: string;
        /** @description A column that fills no field, as the file writes it. */
        "columns[unused]"?: string;
      };
      path?: never;
    };
    requestBody: {
      content: {
        "text/csv": string;
      };
    };
    responses: {
      /** @description The dry run */
      200: {
        content: {
          "application/json": components["schemas"]["ImportPlan"];
        };
      };
      /** @description The import */
      202: {
        content: {
          "application/json": components["schemas"]["Import"];
        };
      };
    };
  };
  "imports.createDeals": {
    parameters: {
      query?: {
        /** @description Whether unknown companies are added; if not, their rows are imported without a company. */
        createCompanies?: boolean;
        /** @description Answers how the file would be read, and its first rows as they would become. Nothing is stored. */
        dryRun?: boolean;
        /** @description Announces a file that comes in this number of parts: the body is empty, each part is sent to `PUT /imports/{id}/parts/{part}`, and `POST /imports/{id}/start` begins the import. */
        parts?: number;
        /** @description The same as JSON: an object with the fields, and the column or the list of columns of each field. */
        columns?: string;
        /** @description The column of `id`, as the file writes it. */
        "columns[id]"?: string;
        /** @description The column of `title`, as the file writes it. */
        "columns[title]"?: string;
        /** @description The column of `stage`, as the file writes it. */
        "columns[stage]"?: string;
        /** @description The column of `value`, as the file writes it. */
        "columns[value]"?: string;
        /** @description The column of `currency`, as the file writes it. */
        "columns[currency]"?: string;
        /** @description The column of `company`, as the file writes it. */
        "columns[company]"?: string;
        /** @description The column of `contact`, as the file writes it. */
        "columns[contact]"?: string;
        /** @description The column of `contactEmail`, as the file writes it. */
        "columns[contactEmail]"?: string;
        /** @description The column of `expectedCloseDate`, as the file writes it. */
        "columns[expectedCloseDate]"?: string;
        /** @description The column of `owner`, as the file writes it. */
        "columns[owner]"?: string;
        /** @description A column that fills no field, as the file writes it. */
        "columns[unused]"?: string;
      };
      path?: never;
    };
    requestBody: {
      content: {
        "text/csv": string;
      };
    };
    responses: {
      /** @description The dry run */
      200: {
        content: {
          "application/json": components["schemas"]["ImportPlan"];
        };
      };
      /** @description The import */
      202: {
        content: {
          "application/json": components["schemas"]["Import"];
        };
      };
    };
  };
  "imports.list": {
    parameters: {
      query?: {
        /** @description The maximum number of items. */
        limit?: number;
        /** @description The `nextCursor` of the previous page. */
        cursor?: string;
      };
      path?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The result */
      200: {
        content: {
          "application/json": components["schemas"]["ImportPage"];
        };
      };
    };
  };
  "imports.get": {
    parameters: {
      query?: never;
      path: {
        id: string;
      };
    };
    requestBody?: never;
    responses: {
      /** @description The result */
      200: {
        content: {
          "application/json": components["schemas"]["Import"];
        };
      };
    };
  };
  "imports.savePart": {
    parameters: {
      query?: never;
      path: {
        id: string;
        /** @description Its number. */
        part: number;
      };
    };
    requestBody: {
      content: {
        "text/csv": string;
      };
    };
    responses: {
      /** @description The import */
      200: {
        content: {
          "application/json": components["schemas"]["Import"];
        };
      };
    };
  };
  "imports.start": {
    parameters: {
      query?: never;
      path: {
        id: string;
      };
    };
    requestBody?: never;
    responses: {
      /** @description The import */
      202: {
        content: {
          "application/json": components["schemas"]["Import"];
        };
      };
    };
  };
  "imports.downloadRejected": {
    parameters: {
      query?: never;
      path: {
        id: string;
      };
    };
    requestBody?: never;
    responses: {
      /** @description The result */
      200: {
        content: {
          "text/csv": string;
        };
      };
    };
  };
  "imports.cancel": {
    parameters: {
      query?: never;
      path: {
        id: string;
      };
    };
    requestBody?: never;
    responses: {
      /** @description The cancelled import */
      200: {
        content: {
          "application/json": components["schemas"]["Import"];
        };
      };
    };
  };
  "imports.undo": {
    parameters: {
      query?: never;
      path: {
        id: string;
      };
    };
    requestBody?: never;
    responses: {
      /** @description The import */
      202: {
        content: {
          "application/json": components["schemas"]["Import"];
        };
      };
    };
  };
  "exports.createContacts": {
    parameters: {
      query?: {
        /** @description Beginnings of words of the contact, a part of the e-mail address, or digits of the telephone number. */
        search?: string;
        companyId?: string;
        ownerId?: string;
      };
      path?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The export */
      202: {
        content: {
          "application/json": components["schemas"]["Export"];
        };
      };
    };
  };
  "exports.createCompanies": {
    parameters: {
      query?: {
        /** @description Beginnings of words of the name, domain, industry or city. */
        search?: string;
        industry?: string;
        ownerId?: string;
      };
      path?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The export */
      202: {
        content: {
          "application/json": components["schemas"]["Export"];
        };
      };
    };
  };
  "exports.createDeals": {
    parameters: {
      query?: {
        /** @description Beginnings of words of the title and of custom fields. A word of one letter must be the whole word. */
        search?: string;
        stage?: "lead" | "qualified" | "proposal" | "negotiation" | "won" | "lost";
        companyId?: string;
        ownerId?: string;
      };
      path?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The export */
      202: {
        content: {
          "application/json": components["schemas"]["Export"];
        };
      };
    };
  };
  "exports.createTasks": {
    parameters: {
      query?: {
        /** @description Beginnings of words of the title and the description. A word of one letter must be the whole word. */
        search?: string;
        status?: "todo" | "doing" | "blocked" | "done" | "cancelled";
        priority?: "low" | "normal" | "high" | "urgent";
        assigneeId?: string;
        projectId?: string;
        dealId?: string;
        /** @description Tasks due before this day. */
        dueBefore?: string;
      };
      path?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The export */
      202: {
        content: {
          "application/json": components["schemas"]["Export"];
        };
      };
    };
  };
  "exports.list": {
    parameters: {
      query?: {
        /** @description The maximum number of items. */
        limit?: number;
        /** @description The `nextCursor` of the previous page. */
        cursor?: string;
      };
      path?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The result */
      200: {
        content: {
          "application/json": components["schemas"]["ExportPage"];
        };
      };
    };
  };
  "exports.get": {
    parameters: {
      query?: never;
      path: {
        id: string;
      };
    };
    requestBody?: never;
    responses: {
      /** @description The result */
      200: {
        content: {
          "application/json": components["schemas"]["Export"];
        };
      };
    };
  };
  "exports.download": {
    parameters: {
      query?: never;
      path: {
        id: string;
      };
    };
    requestBody?: never;
    responses: {
      /** @description The result */
      200: {
        content: {
          "text/csv": string;
        };
      };
    };
  };
  "notifications.list": {
    parameters: {
      query?: {
        /** @description The maximum number of items. */
        limit?: number;
        /** @description The `nextCursor` of the previous page. */
        cursor?: string;
      };
      path?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The result */
      200: {
        content: {
          "application/json": components["schemas"]["NotificationPage"];
        };
      };
    };
  };
  "notifications.countUnread": {
    parameters: {
      query?: never;
      path?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The result */
      200: {
        content: {
          "application/json": components["schemas"]["UnreadNotifications"];
        };
      };
    };
  };
  "notifications.markRead": {
    parameters: {
      query?: never;
      path: {
        id: string;
      };
    };
    requestBody?: never;
    responses: {
      /** @description Marked as read */
      204: {
        content?: never;
      };
    };
  };
  "webhooks.list": {
    parameters: {
      query?: never;
      path?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The result */
      200: {
        content: {
          "application/json": {
            items: components["schemas"]["Webhook"][];
          };
        };
      };
    };
  };
  "webhooks.create": {
    parameters: {
      query?: never;
      path?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["NewWebhook"];
      };
    };
    responses: {
      /** @description The webhook, with its secret */
      201: {
        content: {
          "application/json": components["schemas"]["AddedWebhook"];
        };
      };
    };
  };
  "webhooks.get": {
    parameters: {
      query?: never;
      path: {
        id: string;
      };
    };
    requestBody?: never;
    responses: {
      /** @description The result */
      200: {
        content: {
          "application/json": components["schemas"]["Webhook"];
        };
      };
    };
  };
  "webhooks.delete": {
    parameters: {
      query?: never;
      path: {
        id: string;
      };
    };
    requestBody?: never;
    responses: {
      /** @description Deleted */
      204: {
        content?: never;
      };
    };
  };
  "webhooks.update": {
    parameters: {
      query?: never;
      path: {
        id: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["WebhookChanges"];
      };
    };
    responses: {
      /** @description The updated webhook */
      200: {
        content: {
          "application/json": components["schemas"]["Webhook"];
        };
      };
    };
  };
  "webhooks.rotateSecret": {
    parameters: {
      query?: never;
      path: {
        id: string;
      };
    };
    requestBody?: never;
    responses: {
      /** @description The new secret */
      200: {
        content: {
          "application/json": components["schemas"]["RotatedWebhookSecret"];
        };
      };
    };
  };
  "webhooks.listDeliveries": {
    parameters: {
      query?: {
        /** @description The maximum number of items. */
        limit?: number;
        /** @description The `nextCursor` of the previous page. */
        cursor?: string;
        /** @description `waiting` for its next attempt; `failed` after its last attempt; `cancelled` because the receiver answered 410, or the webhook is switched off. */
        status?: "waiting" | "delivered" | "failed" | "cancelled";
      };
      path: {
        id: string;
      };
    };
    requestBody?: never;
    responses: {
      /** @description The result */
      200: {
        content: {
          "application/json": components["schemas"]["WebhookDeliveryPage"];
        };
      };
    };
  };
  "webhooks.replayDelivery": {
    parameters: {
      query?: never;
      path: {
        id: string;
        deliveryId: string;
      };
    };
    requestBody?: never;
    responses: {
      /** @description The delivery will be sent */
      202: {
        content: {
          "application/json": components["schemas"]["ReplayedDelivery"];
        };
      };
    };
  };
  "lists.getSettings": {
    parameters: {
      query?: never;
      path: {
        list: string;
      };
    };
    requestBody?: never;
    responses: {
      /** @description The result */
      200: {
        content: {
          "application/json": components["schemas"]["ListSettings"];
        };
      };
    };
  };
  "lists.saveSettings": {
    parameters: {
      query?: never;
      path: {
        list: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["ListSettings"];
      };
    };
    responses: {
      /** @description Saved */
      204: {
        content?: never;
      };
    };
  };
  "preferences.get": {
    parameters: {
      query?: never;
      path?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The result */
      200: {
        content: {
          "application/json": components["schemas"]["Preferences"];
        };
      };
    };
  };
  "preferences.update": {
    parameters: {
      query?: never;
      path?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["PreferencesPatch"];
      };
    };
    responses: {
      /** @description The new preferences */
      200: {
        content: {
          "application/json": components["schemas"]["Preferences"];
        };
      };
    };
  };
  "drafts.list": {
    parameters: {
      query?: never;
      path?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The result */
      200: {
        content: {
          "application/json": components["schemas"]["DraftList"];
        };
      };
    };
  };
  "drafts.get": {
    parameters: {
      query?: never;
      path: {
        name: string;
      };
    };
    requestBody?: never;
    responses: {
      /** @description The result */
      200: {
        content: {
          "application/json": components["schemas"]["Draft"];
        };
      };
    };
  };
  "drafts.delete": {
    parameters: {
      query?: never;
      path: {
        name: string;
      };
    };
    requestBody?: never;
    responses: {
      /** @description Deleted */
      204: {
        content?: never;
      };
    };
  };
  "drafts.save": {
    parameters: {
      query?: never;
      path: {
        name: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["Draft"];
      };
    };
    responses: {
      /** @description The whole draft */
      200: {
        content: {
          "application/json": components["schemas"]["Draft"];
        };
      };
    };
  };
  "search.list": {
    parameters: {
      query: {
        /** @description Words in any order, the beginnings of words, a part of an e-mail address, or digits. */
        q: string;
        /** @description The kinds of rows. Default: all. */
        kind?: string;
        /** @description The owner; of a task, the assignee. */
        ownerId?: string;
        /** @description The stage of a deal. Other kinds have none. */
        stage?: "lead" | "qualified" | "proposal" | "negotiation" | "won" | "lost";
        /** @description The maximum number of items. */
        limit?: number;
      };
      path?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The result */
      200: {
        content: {
          "application/json": components["schemas"]["SearchResult"];
        };
      };
    };
  };
  "patients.search": {
    parameters: {
      query?: never;
      path?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["PatientSearch"];
      };
    };
    responses: {
      /** @description The result */
      200: {
        content: {
          "application/json": components["schemas"]["FoundPatients"];
        };
      };
    };
  };
  "patients.create": {
    parameters: {
      query?: never;
      path?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["NewPatient"];
      };
    };
    responses: {
      /** @description The new patient */
      201: {
        content: {
          "application/json": components["schemas"]["Patient"];
        };
      };
    };
  };
  "patients.get": {
    parameters: {
      query?: never;
      path: {
        id: string;
      };
    };
    requestBody?: never;
    responses: {
      /** @description The result */
      200: {
        content: {
          "application/json": components["schemas"]["Patient"];
        };
      };
    };
  };
  "patients.update": {
    parameters: {
      query?: never;
      path: {
        id: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["PatientChanges"];
      };
    };
    responses: {
      /** @description The result */
      200: {
        content: {
          "application/json": components["schemas"]["Patient"];
        };
      };
    };
  };
  "patients.merge": {
    parameters: {
      query?: never;
      path: {
        id: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["PatientMerge"];
      };
    };
    responses: {
      /** @description The duplicate is a part of the patient */
      204: {
        content?: never;
      };
    };
  };
  "patientAccesses.list": {
    parameters: {
      query?: {
        /** @description The maximum number of items. */
        limit?: number;
        /** @description The `nextCursor` of the previous page. */
        cursor?: string;
      };
      path: {
        id: string;
      };
    };
    requestBody?: never;
    responses: {
      /** @description The result */
      200: {
        content: {
          "application/json": components["schemas"]["PatientAccessPage"];
        };
      };
    };
  };
  "records.list": {
    parameters: {
      query?: {
        limit?: number;
        /** @description The `nextCursor` of the previous page. */
        cursor?: string;
      };
      path: {
        id: string;
      };
    };
    requestBody?: never;
    responses: {
      /** @description The result */
      200: {
        content: {
          "application/json": components["schemas"]["MedicalRecordPage"];
        };
      };
    };
  };
  "records.create": {
    parameters: {
      query?: never;
      path: {
        id: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["NewMedicalRecord"];
      };
    };
    responses: {
      /** @description The new record */
      201: {
        content: {
          "application/json": components["schemas"]["MedicalRecord"];
        };
      };
    };
  };
  "records.get": {
    parameters: {
      query?: never;
      path: {
        id: string;
        recordId: string;
      };
    };
    requestBody?: never;
    responses: {
      /** @description The result */
      200: {
        content: {
          "application/json": components["schemas"]["MedicalRecord"];
        };
      };
    };
  };
  "records.amend": {
    parameters: {
      query?: never;
      path: {
        id: string;
        recordId: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["Amendment"];
      };
    };
    responses: {
      /** @description The version was added */
      204: {
        content?: never;
      };
    };
  };
  "consents.list": {
    parameters: {
      query?: never;
      path: {
        id: string;
      };
    };
    requestBody?: never;
    responses: {
      /** @description The result */
      200: {
        content: {
          "application/json": components["schemas"]["PatientConsents"];
        };
      };
    };
  };
  "consents.create": {
    parameters: {
      query?: never;
      path: {
        id: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["NewPatientConsent"];
      };
    };
    responses: {
      /** @description The new consent */
      201: {
        content: {
          "application/json": components["schemas"]["PatientConsent"];
        };
      };
    };
  };
  "consents.revoke": {
    parameters: {
      query?: never;
      path: {
        id: string;
        consentId: string;
      };
    };
    requestBody?: never;
    responses: {
      /** @description The consent is not valid any more */
      204: {
        content?: never;
      };
    };
  };
  "careTeams.list": {
    parameters: {
      query?: never;
      path: {
        id: string;
      };
    };
    requestBody?: never;
    responses: {
      /** @description The result */
      200: {
        content: {
          "application/json": components["schemas"]["CareTeam"];
        };
      };
    };
  };
  "careTeams.set": {
    parameters: {
      query?: never;
      path: {
        id: string;
        userId: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["CareAssignment"];
      };
    };
    responses: {
      /** @description The user is assigned */
      204: {
        content?: never;
      };
    };
  };
  "careTeams.remove": {
    parameters: {
      query?: never;
      path: {
        id: string;
        userId: string;
      };
    };
    requestBody?: never;
    responses: {
      /** @description The user is not assigned any more */
      204: {
        content?: never;
      };
    };
  };
  "careStaff.list": {
    parameters: {
      query?: never;
      path?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The result */
      200: {
        content: {
          "application/json": components["schemas"]["CareStaff"];
        };
      };
    };
  };
  "careStaff.set": {
    parameters: {
      query?: never;
      path: {
        userId: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["CareDepartments"];
      };
    };
    responses: {
      /** @description The departments are set */
      204: {
        content?: never;
      };
    };
  };
  "breakGlass.start": {
    parameters: {
      query?: never;
      path: {
        id: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["NewEmergencyAccess"];
      };
    };
    responses: {
      /** @description The access */
      201: {
        content: {
          "application/json": components["schemas"]["EmergencyAccess"];
        };
      };
    };
  };
  "breakGlass.confirm": {
    parameters: {
      query?: never;
      path: {
        id: string;
      };
    };
    requestBody?: never;
    responses: {
      /** @description The access, which is open now */
      200: {
        content: {
          "application/json": components["schemas"]["EmergencyAccess"];
        };
      };
    };
  };
  "breakGlass.list": {
    parameters: {
      query?: {
        /** @description The maximum number of items. */
        limit?: number;
        /** @description The `nextCursor` of the previous page. */
        cursor?: string;
        /** @description Whether a review is missing. */
        state?: "waiting" | "reviewed";
      };
      path?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The result */
      200: {
        content: {
          "application/json": components["schemas"]["EmergencyAccessPage"];
        };
      };
    };
  };
  "breakGlass.review": {
    parameters: {
      query?: never;
      path: {
        id: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["EmergencyAccessReview"];
      };
    };
    responses: {
      /** @description The review is saved */
      204: {
        content?: never;
      };
    };
  };
  "patientExports.create": {
    parameters: {
      query?: never;
      path: {
        id: string;
      };
    };
    requestBody?: never;
    responses: {
      /** @description The export */
      202: {
        content: {
          "application/json": components["schemas"]["PatientExport"];
        };
      };
    };
  };
  "patientExports.get": {
    parameters: {
      query?: never;
      path: {
        id: string;
        exportId: string;
      };
    };
    requestBody?: never;
    responses: {
      /** @description The result */
      200: {
        content: {
          "application/json": components["schemas"]["PatientExport"];
        };
      };
    };
  };
  "patientExports.download": {
    parameters: {
      query?: never;
      path: {
        id: string;
        exportId: string;
      };
    };
    requestBody?: never;
    responses: {
      /** @description The result */
      200: {
        content: {
          "application/json": {
            patient: {
              [key: string]: unknown;
            };
            records: unknown[];
          };
        };
      };
    };
  };
  "appointments.list": {
    parameters: {
      query: {
        /** @description A day in the time zone of the tenant. */
        day: string;
        department?: string;
        clinicianId?: string;
      };
      path?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The result */
      200: {
        content: {
          "application/json": components["schemas"]["Appointments"];
        };
      };
    };
  };
  "appointments.create": {
    parameters: {
      query?: never;
      path?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["NewAppointment"];
      };
    };
    responses: {
      /** @description The new visit */
      201: {
        content: {
          "application/json": components["schemas"]["Appointment"];
        };
      };
    };
  };
  "patientAppointments.list": {
    parameters: {
      query?: never;
      path: {
        id: string;
      };
    };
    requestBody?: never;
    responses: {
      /** @description The result */
      200: {
        content: {
          "application/json": components["schemas"]["PatientAppointments"];
        };
      };
    };
  };
  "appointments.get": {
    parameters: {
      query?: never;
      path: {
        id: string;
      };
    };
    requestBody?: never;
    responses: {
      /** @description The result */
      200: {
        content: {
          "application/json": components["schemas"]["Appointment"];
        };
      };
    };
  };
  "appointments.markArrived": {
    parameters: {
      query?: never;
      path: {
        id: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["AppointmentMove"];
      };
    };
    responses: {
      /** @description The visit after the step */
      200: {
        content: {
          "application/json": components["schemas"]["Appointment"];
        };
      };
    };
  };
  "appointments.markRoomed": {
    parameters: {
      query?: never;
      path: {
        id: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["AppointmentMove"];
      };
    };
    responses: {
      /** @description The visit after the step */
      200: {
        content: {
          "application/json": components["schemas"]["Appointment"];
        };
      };
    };
  };
  "appointments.markStarted": {
    parameters: {
      query?: never;
      path: {
        id: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["AppointmentMove"];
      };
    };
    responses: {
      /** @description The visit after the step */
      200: {
        content: {
          "application/json": components["schemas"]["Appointment"];
        };
      };
    };
  };
  "appointments.markFinished": {
    parameters: {
      query?: never;
      path: {
        id: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["AppointmentMove"];
      };
    };
    responses: {
      /** @description The visit after the step */
      200: {
        content: {
          "application/json": components["schemas"]["Appointment"];
        };
      };
    };
  };
  "appointments.cancel": {
    parameters: {
      query?: never;
      path: {
        id: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["AppointmentMove"];
      };
    };
    responses: {
      /** @description The visit after the step */
      200: {
        content: {
          "application/json": components["schemas"]["Appointment"];
        };
      };
    };
  };
  "appointments.markMissed": {
    parameters: {
      query?: never;
      path: {
        id: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["AppointmentMove"];
      };
    };
    responses: {
      /** @description The visit after the step */
      200: {
        content: {
          "application/json": components["schemas"]["Appointment"];
        };
      };
    };
  };
  "appointments.markLeft": {
    parameters: {
      query?: never;
      path: {
        id: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["AppointmentMove"];
      };
    };
    responses: {
      /** @description The visit after the step */
      200: {
        content: {
          "application/json": components["schemas"]["Appointment"];
        };
      };
    };
  };
  "appointments.undo": {
    parameters: {
      query?: never;
      path: {
        id: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["AppointmentMove"];
      };
    };
    responses: {
      /** @description The visit after the step */
      200: {
        content: {
          "application/json": components["schemas"]["Appointment"];
        };
      };
    };
  };
  "board.get": {
    parameters: {
      query: {
        department: string;
      };
      path?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The result */
      200: {
        content: {
          "application/json": components["schemas"]["CareBoard"];
        };
      };
    };
  };
  "board.getHallway": {
    parameters: {
      query: {
        department: string;
      };
      path?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The result */
      200: {
        content: {
          "application/json": components["schemas"]["HallwayBoard"];
        };
      };
    };
  };
  "careAccounts.list": {
    parameters: {
      query?: never;
      path: {
        id: string;
      };
    };
    requestBody?: never;
    responses: {
      /** @description The result */
      200: {
        content: {
          "application/json": components["schemas"]["CareAccounts"];
        };
      };
    };
  };
  "careAccounts.create": {
    parameters: {
      query?: never;
      path: {
        id: string;
      };
    };
    requestBody?: never;
    responses: {
      /** @description The account */
      201: {
        content: {
          "application/json": components["schemas"]["CareAccount"];
        };
      };
    };
  };
  "careAccounts.get": {
    parameters: {
      query?: never;
      path: {
        id: string;
      };
    };
    requestBody?: never;
    responses: {
      /** @description The result */
      200: {
        content: {
          "application/json": components["schemas"]["CareAccount"];
        };
      };
    };
  };
  "ledgerEntries.list": {
    parameters: {
      query?: {
        limit?: number;
        cursor?: string;
      };
      path: {
        id: string;
      };
    };
    requestBody?: never;
    responses: {
      /** @description The result */
      200: {
        content: {
          "application/json": components["schemas"]["LedgerEntryPage"];
        };
      };
    };
  };
  "ledgerEntries.create": {
    parameters: {
      query?: never;
      path: {
        id: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["NewLedgerEntry"];
      };
    };
    responses: {
      /** @description The transaction */
      200: {
        content: {
          "application/json": components["schemas"]["LedgerTransaction"];
        };
      };
    };
  };
  "ledger.reverse": {
    parameters: {
      query?: never;
      path: {
        id: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["LedgerReversal"];
      };
    };
    responses: {
      /** @description The reversing transaction */
      200: {
        content: {
          "application/json": components["schemas"]["LedgerTransaction"];
        };
      };
    };
  };
  "ledger.get": {
    parameters: {
      query?: never;
      path?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The result */
      200: {
        content: {
          "application/json": components["schemas"]["TrialBalance"];
        };
      };
    };
  };
  "feeds.listen": {
    parameters: {
      query: {
        /** @description Topics, separated by commas. */
        topics: string;
        /** @description The id of the last event, to resume. The header `Last-Event-ID` takes precedence. */
        after?: string;
      };
      path?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Server-sent events; `docs/live.md` describes them */
      200: {
        content: {
          "text/event-stream": string;
        };
      };
      /** @description The session has ended: do not come back */
      204: {
        content?: never;
      };
    };
  };
  "feeds.getPresence": {
    parameters: {
      query: {
        /** @description A topic that shows who listens. */
        topic: string;
      };
      path?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The result */
      200: {
        content: {
          "application/json": components["schemas"]["Presence"];
        };
      };
    };
  };
  "streams.list": {
    parameters: {
      query?: never;
      path?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The streams */
      200: {
        content: {
          "application/json": {
            items: components["schemas"]["Stream"][];
          };
        };
      };
    };
  };
  "streams.listDead": {
    parameters: {
      query?: {
        limit?: number;
        /** @description The `nextCursor` of the previous page. */
        cursor?: string;
      };
      path: {
        stream: string;
        group: string;
      };
    };
    requestBody?: never;
    responses: {
      /** @description A page of events, in the order of keys and versions */
      200: {
        content: {
          "application/json": {
            items: components["schemas"]["DeadEvent"][];
            /** @description The `cursor` for the next page; null at the end. */
            nextCursor: string | null;
          };
        };
      };
    };
  };
  "streams.replayDead": {
    parameters: {
      query?: never;
      path: {
        stream: string;
        group: string;
      };
    };
    requestBody: {
      content: {
        "application/json": {
          /** @description Only the events of this key. */
          key?: string;
        };
      };
    };
    responses: {
      /** @description The number of events */
      202: {
        content: {
          "application/json": {
            events: number;
          };
        };
      };
    };
  };
  "streams.requestRebuild": {
    parameters: {
      query?: never;
      path: {
        stream: string;
        group: string;
      };
    };
    requestBody?: never;
    responses: {
      /** @description The job */
      202: {
        content: {
          "application/json": {
            jobId: string;
          };
        };
      };
    };
  };
  "alerts.list": {
    parameters: {
      query?: never;
      path?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The alerts, in the order of their severity and state */
      200: {
        content: {
          "application/json": {
            items: components["schemas"]["Alert"][];
            silences: components["schemas"]["AlertSilence"][];
          };
        };
      };
    };
  };
  "alerts.listChanges": {
    parameters: {
      query?: {
        limit?: number;
      };
      path?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The result */
      200: {
        content: {
          "application/json": {
            items: components["schemas"]["AlertChange"][];
          };
        };
      };
    };
  };
  "alertSilences.create": {
    parameters: {
      query?: never;
      path?: never;
    };
    requestBody: {
      content: {
        "application/json": {
          /**
           * @description The name of an alert, or `*` for every alert.
           * @enum {string}
           */
          name: "*" | "redis-unreachable" | "redis-memory" | "backlog" | "backlog-age" | "outbox-age" | "hit-ratio" | "job-failures" | "dead-letters" | "redis-errors" | "redis-permissions" | "slow" | "refused-requests" | "refused-deliveries" | "budget-burns-fast" | "budget-burns-slowly" | "evictions" | "audit-unsealed" | "audit-reads-full" | "missed-schedule" | "journal-age" | "wrong-numbers" | "care-long-wait" | "care-reviews-late";
          /** @example 60 */
          minutes: number;
          reason: string;
        };
      };
    };
    responses: {
      /** @description The silence */
      200: {
        content: {
          "application/json": components["schemas"]["AlertSilence"];
        };
      };
    };
  };
  "alertSilences.delete": {
    parameters: {
      query?: never;
      path: {
        id: string;
      };
    };
    requestBody?: never;
    responses: {
      /** @description The silence has ended */
      204: {
        content?: never;
      };
    };
  };
  "alertMessages.create": {
    parameters: {
      query?: never;
      path?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The message waits, and is repeated until its channel accepts it */
      202: {
        content: {
          "application/json": {
            /** @description The configured channels. */
            channels: string[];
            /** @description The number of messages that their channels accepted by now. */
            sent: number;
          };
        };
      };
    };
  };
  "auditEntries.list": {
    parameters: {
      query?: {
        /** @description The maximum number of items. */
        limit?: number;
        /** @description The `nextCursor` of the previous page. */
        cursor?: string;
        actorId?: string;
        action?: string;
        outcome?: "ok" | "refused" | "failed";
        entityType?: string;
        entityId?: string;
        /** @description The first day, in UTC. */
        from?: string;
        /** @description The last day, in UTC. */
        to?: string;
      };
      path?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The result */
      200: {
        content: {
          "application/json": {
            items: components["schemas"]["AuditEntry"][];
            /** @description The `cursor` for the next page; null at the end. */
            nextCursor: string | null;
          };
        };
      };
    };
  };
  "auditEntries.listAsFhir": {
    parameters: {
      query?: {
        /** @description The maximum number of items. */
        limit?: number;
        /** @description The `nextCursor` of the previous page. */
        cursor?: string;
        actorId?: string;
        action?: string;
        outcome?: "ok" | "refused" | "failed";
        entityType?: string;
        entityId?: string;
        /** @description The first day, in UTC. */
        from?: string;
        /** @description The last day, in UTC. */
        to?: string;
      };
      path?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The result */
      200: {
        content: {
          "application/json": {
            items: components["schemas"]["AuditEvent"][];
            /** @description The `cursor` for the next page; null at the end. */
            nextCursor: string | null;
          };
        };
      };
    };
  };
  "auditSeals.list": {
    parameters: {
      query?: {
        limit?: number;
        /** @description The `nextCursor` of the previous page. */
        cursor?: string;
      };
      path?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The result */
      200: {
        content: {
          "application/json": {
            items: components["schemas"]["AuditSeal"][];
            /** @description The `cursor` for the next page; null at the end. */
            nextCursor: string | null;
          };
        };
      };
    };
  };
  "auditEntries.get": {
    parameters: {
      query?: never;
      path: {
        id: string;
      };
    };
    requestBody?: never;
    responses: {
      /** @description The result */
      200: {
        content: {
          "application/json": components["schemas"]["AuditEntry"];
        };
      };
    };
  };
  "auditEntries.getProof": {
    parameters: {
      query?: never;
      path: {
        id: string;
      };
    };
    requestBody?: never;
    responses: {
      /** @description The result */
      200: {
        content: {
          "application/json": components["schemas"]["AuditProof"];
        };
      };
    };
  };
  "auditEntries.eraseData": {
    parameters: {
      query?: never;
      path: {
        id: string;
      };
    };
    requestBody: {
      content: {
        "application/json": {
          reason: string;
        };
      };
    };
    responses: {
      /** @description The data are erased */
      204: {
        content?: never;
      };
    };
  };
  "audit.requestVerification": {
    parameters: {
      query?: never;
      path?: never;
    };
    requestBody: {
      content: {
        "application/json": {
          anchor?: {
            seal: number;
            hash: string;
          };
        };
      };
    };
    responses: {
      /** @description The job */
      202: {
        content: {
          "application/json": {
            jobId: string;
          };
        };
      };
    };
  };
  "auditKeys.list": {
    parameters: {
      query?: never;
      path?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The result */
      200: {
        content: {
          "application/json": {
            keys: {
              /** @enum {string} */
              kty: "OKP";
              /** @enum {string} */
              crv: "Ed25519";
              kid: string;
              x: string;
            }[];
          };
        };
      };
    };
  };
  "cache.getStatistics": {
    parameters: {
      query?: never;
      path?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Counters, in total and by query */
      200: {
        content: {
          "application/json": components["schemas"]["CacheStatistics"];
        };
      };
    };
  };
  "cache.getEntry": {
    parameters: {
      query?: {
        /** @description All arguments of the query, as JSON. */
        args?: string;
      };
      path: {
        query: string;
      };
    };
    requestBody?: never;
    responses: {
      /** @description The entry */
      200: {
        content: {
          "application/json": components["schemas"]["CacheEntry"];
        };
      };
    };
  };
  "cache.invalidate": {
    parameters: {
      query?: never;
      path?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["CacheInvalidation"];
      };
    };
    responses: {
      /** @description The number of removed entries; null for tags */
      200: {
        content: {
          "application/json": {
            entries: number | null;
          };
        };
      };
    };
  };
  "metrics.get": {
    parameters: {
      query?: never;
      path?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Text in the exposition format 0.0.4 */
      200: {
        content: {
          "text/plain": string;
        };
      };
    };
  };
  "jobs.list": {
    parameters: {
      query?: {
        name?: string;
        state?: "queued" | "running" | "failed" | "done" | "dead" | "cancelled";
        /** @description Jobs whose state changed at this time or later. */
        from?: string;
        /** @description Jobs whose state changed before this time. */
        to?: string;
        limit?: number;
        /** @description The `nextCursor` of the previous page. */
        cursor?: string;
      };
      path?: never;
    };
    requestBody?: never;
    responses: {
      /** @description A page of jobs */
      200: {
        content: {
          "application/json": {
            items: components["schemas"]["Job"][];
            /** @description The `cursor` for the next page; null at the end. */
            nextCursor: string | null;
          };
        };
      };
    };
  };
  "jobs.get": {
    parameters: {
      query?: never;
      path: {
        id: string;
      };
    };
    requestBody?: never;
    responses: {
      /** @description The job */
      200: {
        content: {
          "application/json": components["schemas"]["JobDetail"];
        };
      };
    };
  };
  "jobs.cancel": {
    parameters: {
      query?: never;
      path: {
        id: string;
      };
    };
    requestBody?: never;
    responses: {
      /** @description The outcome */
      202: {
        content: {
          "application/json": {
            state: string;
          };
        };
      };
    };
  };
  "jobs.retry": {
    parameters: {
      query?: never;
      path: {
        id: string;
      };
    };
    requestBody?: never;
    responses: {
      /** @description The outcome */
      202: {
        content: {
          "application/json": {
            state: string;
          };
        };
      };
    };
  };
  "jobs.replay": {
    parameters: {
      query?: never;
      path: {
        id: string;
      };
    };
    requestBody?: never;
    responses: {
      /** @description The outcome */
      202: {
        content: {
          "application/json": {
            state: string;
          };
        };
      };
    };
  };
  "queues.list": {
    parameters: {
      query?: never;
      path?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The queues */
      200: {
        content: {
          "application/json": {
            items: components["schemas"]["JobQueue"][];
          };
        };
      };
    };
  };
  "queues.pause": {
    parameters: {
      query?: never;
      path: {
        name: string;
      };
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      202: {
        content: {
          "application/json": {
            paused: boolean;
          };
        };
      };
    };
  };
  "queues.resume": {
    parameters: {
      query?: never;
      path: {
        name: string;
      };
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      202: {
        content: {
          "application/json": {
            paused: boolean;
          };
        };
      };
    };
  };
  "schedules.list": {
    parameters: {
      query?: never;
      path?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The schedules */
      200: {
        content: {
          "application/json": {
            items: components["schemas"]["Schedule"][];
          };
        };
      };
    };
  };
  "schedules.run": {
    parameters: {
      query?: never;
      path: {
        name: string;
      };
    };
    requestBody?: never;
    responses: {
      /** @description The job that runs it */
      202: {
        content: {
          "application/json": {
            jobId: string;
          };
        };
      };
    };
  };
  "schedules.pause": {
    parameters: {
      query?: never;
      path: {
        name: string;
      };
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        content: {
          "application/json": {
            paused: boolean;
          };
        };
      };
    };
  };
  "schedules.resume": {
    parameters: {
      query?: never;
      path: {
        name: string;
      };
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        content: {
          "application/json": {
            paused: boolean;
          };
        };
      };
    };
  };
  "deliveries.countRefused": {
    parameters: {
      query?: never;
      path?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The counts */
      200: {
        content: {
          "application/json": {
            refused: {
              isolate: components["schemas"]["RefusedDeliveries"];
              today: components["schemas"]["RefusedDeliveries"];
            };
          };
        };
      };
    };
  };
}
