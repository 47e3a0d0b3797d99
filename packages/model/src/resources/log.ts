// What of a project's traffic is written down by hosts: what rules of security groups admit, and what no rule admits.

import { optional, required } from '../attribute.ts';
import { choice } from '../kinds/choice.ts';
import { flag } from '../kinds/flag.ts';
import { name } from '../kinds/name.ts';
import { nullable } from '../kinds/nullable.ts';
import { text } from '../kinds/text.ts';
import { uuid } from '../kinds/uuid.ts';
import { resource, type Create, type Stored } from '../resource.ts';
import { identity, untagged } from './standard.ts';

const lookedUp = { createOnly: true, filter: true, sort: true } as const;

export const log = resource({
  name: 'log',
  plural: 'logs',
  prefix: 'log',
  doc: 'Traffic of ports that is written down by the hosts that the ports are on.',
  extension: 'logging',
  operations: ['create', 'bulk', 'list', 'show', 'update', 'delete'],
  attributes: {
    ...identity,
    name: optional(name, 'For people; need not be unique.', { default: '', filter: true, sort: true }),
    resource_type: required(text(255), 'What decides about the traffic; one of the loggable resources.', {
      ...lookedUp,
      requiredByPolicy: true,
    }),
    resource_id: optional(
      nullable(uuid),
      'The security group whose ports are meant, and what it admits. Null for all groups of the ports.',
      { ...lookedUp, default: null, index: true },
    ),
    event: optional(choice(['ACCEPT', 'DROP', 'ALL']), 'Whether what is admitted is written down, or what is not.', {
      default: 'ALL',
      createOnly: true,
      filter: true,
    }),
    target_id: optional(
      nullable(uuid),
      'The one port that is meant; null for all ports of the security group, or of all groups of the project.',
      { ...lookedUp, default: null, index: true },
    ),
    enabled: optional(flag, 'Whether anything is written down.', { default: true, filter: true, sort: true }),
    ...untagged,
  },
});

export type LogRecord = Stored<typeof log>;
export type LogCreate = Create<typeof log>;
