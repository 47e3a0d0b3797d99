// The tables of the identity service. Flags are 0 and 1 and JSON is text, as in the rest of the database.

import type { Kysely } from 'kysely';

export interface IdentityTables {
  readonly identity_domains: DomainRow;
  readonly identity_projects: ProjectRow;
  readonly identity_users: UserRow;
  readonly identity_groups: GroupRow;
  readonly identity_memberships: { readonly user_id: string; readonly group_id: string };
  readonly identity_roles: RoleRow;
  readonly identity_implied_roles: { readonly prior_role_id: string; readonly implied_role_id: string };
  readonly identity_assignments: AssignmentRow;
  readonly identity_regions: RegionRow;
  readonly identity_services: ServiceRow;
  readonly identity_endpoints: EndpointRow;
  readonly identity_revocations: { readonly audit_id: string; readonly expires_at: number };
  readonly identity_secrets: { readonly name: string; readonly value: string };
  /** One row. Every change of what a token may depend on counts it up, so that cached answers are known to be old. */
  readonly identity_generation: { readonly generation: number };
}

/** What every listed thing has: an id, and attributes that clients set and nobody here looks at, as JSON. */
export interface EntityRow {
  readonly id: string;
  readonly extra: string;
}

export interface DomainRow extends EntityRow {
  readonly name: string;
  readonly description: string;
  readonly enabled: number;
}

export interface ProjectRow extends EntityRow {
  readonly name: string;
  readonly domain_id: string;
  /** Null for a project directly below its domain. */
  readonly parent_id: string | null;
  readonly description: string;
  readonly enabled: number;
}

export interface UserRow extends EntityRow {
  readonly name: string;
  readonly domain_id: string;
  readonly default_project_id: string | null;
  readonly description: string | null;
  readonly email: string | null;
  readonly enabled: number;
  /** Null for a user who cannot log in with a password. */
  readonly password_hash: string | null;
  /** Counted up with every new password: tokens carry the number that held when they were issued. */
  readonly credential_version: number;
}

export interface GroupRow extends EntityRow {
  readonly name: string;
  readonly domain_id: string;
  readonly description: string;
}

export interface RoleRow extends EntityRow {
  readonly name: string;
  readonly description: string | null;
}

/** `target_id` is 'all' for the system. */
export interface AssignmentRow {
  readonly actor_type: 'user' | 'group';
  readonly actor_id: string;
  readonly target_type: 'project' | 'domain' | 'system';
  readonly target_id: string;
  readonly role_id: string;
  /** 1: not on the target itself but on every project below it. */
  readonly inherited: number;
}

export interface RegionRow extends EntityRow {
  readonly description: string;
  readonly parent_region_id: string | null;
}

export interface ServiceRow extends EntityRow {
  readonly type: string;
  readonly name: string;
  readonly description: string;
  readonly enabled: number;
}

export interface EndpointRow extends EntityRow {
  readonly service_id: string;
  readonly interface: string;
  readonly region_id: string | null;
  readonly url: string;
  readonly enabled: number;
}

export type IdentityDb = Kysely<IdentityTables>;

/** Transactions on the identity tables. `write` may run its work again, so the work must have no other effect. */
export interface IdentityStore {
  read<T>(work: (db: IdentityDb) => Promise<T>): Promise<T>;
  write<T>(work: (db: IdentityDb) => Promise<T>): Promise<T>;
}
