import { required } from '../attribute.ts';
import type { Kind } from '../kind.ts';
import { rbacObjectType } from '../kinds/rbac-object-type.ts';
import { text } from '../kinds/text.ts';
import { uuid } from '../kinds/uuid.ts';
import { resource, type Create, type Stored, type Update } from '../resource.ts';
import { identity } from './standard.ts';

/** As target_tenant: every project. */
export const everyProject = '*';

/** The flags `shared` and `router:external` of other resources are policies for every project. */
/** Which of them goes with what is shared, and that others do not, is for whoever knows the object to say. */
const sharing: Kind<string> = {
  ...text(255),
  examples: { ...text(255).examples, valid: ['access_as_shared', 'access_as_external'] },
};

export const rbacPolicy = resource({
  name: 'rbac_policy',
  plural: 'rbac_policies',
  doc: 'Shares one object with one project, or with all of them.',
  extension: 'rbac-policies',
  attributes: {
    id: identity.id,
    project_id: identity.project_id,
    object_type: required(rbacObjectType, 'What kind of object is shared.', {
      createOnly: true,
      filter: true,
      policy: true,
    }),
    object_id: required(uuid, 'The object that is shared.', {
      createOnly: true,
      filter: true,
      policy: true,
      index: true,
    }),
    target_tenant: required(text(255), 'The project that it is shared with; `*` for all of them.', {
      filter: true,
      policy: true,
    }),
    action: required(sharing, 'How it is shared: `access_as_shared`, or a network as `access_as_external`.', {
      createOnly: true,
      filter: true,
      policy: true,
    }),
  },
});

export type RbacPolicyRecord = Stored<typeof rbacPolicy>;
export type RbacPolicyCreate = Create<typeof rbacPolicy>;
export type RbacPolicyUpdate = Update<typeof rbacPolicy>;
