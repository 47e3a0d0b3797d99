// What can be shared with single projects (Networking API: RBAC policies): one line for each kind of object.

/** A way in which an object is shared. */
export type RbacAction = 'access_as_shared' | 'access_as_external';

export interface RbacObject {
  /** Plural of the resource. */
  readonly plural: string;
  readonly actions: readonly RbacAction[];
  /** The extension that makes the kind shareable. */
  readonly extension: string;
}

/** By the object_type of policies. */
export const rbacObjects = {
  network: { plural: 'networks', actions: ['access_as_shared', 'access_as_external'], extension: 'rbac-policies' },
  subnetpool: { plural: 'subnetpools', actions: ['access_as_shared'], extension: 'rbac-subnetpool' },
  security_group: { plural: 'security_groups', actions: ['access_as_shared'], extension: 'rbac-security-groups' },
  address_scope: { plural: 'address_scopes', actions: ['access_as_shared'], extension: 'rbac-address-scope' },
  address_group: { plural: 'address_groups', actions: ['access_as_shared'], extension: 'rbac-address-group' },
  qos_policy: { plural: 'policies', actions: ['access_as_shared'], extension: 'qos' },
} as const satisfies Readonly<Record<string, RbacObject>>;

export type RbacObjectType = keyof typeof rbacObjects;

export const rbacObjectTypes: readonly RbacObjectType[] = [
  'network',
  'subnetpool',
  'security_group',
  'address_scope',
  'address_group',
  'qos_policy',
];

/** What policies call objects of the resource; undefined for one that cannot be shared. */
export function rbacObjectTypeOf({ plural }: { readonly plural: string }): RbacObjectType | undefined {
  return rbacObjectTypes.find((type) => rbacObjects[type].plural === plural);
}
