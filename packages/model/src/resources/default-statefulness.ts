// Whether security groups for which nobody says so are stateful: a setting of a project, or of all that have none.

import { optional, required } from '../attribute.ts';
import { flag } from '../kinds/flag.ts';
import { nullable } from '../kinds/nullable.ts';
import { text } from '../kinds/text.ts';
import { resource, type Create, type Stored } from '../resource.ts';
import { identity } from './standard.ts';

// The Networking API has one word for one of them and for several.
export const defaultStatefulness = resource({
  name: 'security_groups_default_statefulness',
  plural: 'security_groups_default_statefulness',
  doc: 'Whether security groups for which nobody says so are stateful.',
  extension: 'security-groups-default-statefulness',
  operations: ['create', 'list', 'show', 'update', 'delete'],
  attributes: {
    id: identity.id,
    project_id: required(
      nullable(text(255)),
      'The project whose new groups it is about; null for all that have none.',
      {
        createOnly: true,
        filter: true,
        sort: true,
        requiredByPolicy: true,
        index: true,
      },
    ),
    stateful: optional(flag, 'Whether they are.', { default: true, filter: true, sort: true }),
  },
});

export type DefaultStatefulnessRecord = Stored<typeof defaultStatefulness>;
export type DefaultStatefulnessCreate = Create<typeof defaultStatefulness>;
