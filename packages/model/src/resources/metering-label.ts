// A name under which traffic is counted that leaves by routers or comes in by them. The change log has the record below,
// and that of each of its rules (metering-label-rule.ts), which name it.

import { optional } from '../attribute.ts';
import { flag } from '../kinds/flag.ts';
import { name } from '../kinds/name.ts';
import { text } from '../kinds/text.ts';
import { resource, type Create, type Stored } from '../resource.ts';
import { identity } from './standard.ts';

const lookedUp = { createOnly: true, filter: true, sort: true } as const;

export const meteringLabel = resource({
  name: 'metering_label',
  plural: 'metering_labels',
  prefix: 'metering',
  doc: 'A name under which the traffic of routers is counted.',
  extension: 'metering',
  operations: ['create', 'bulk', 'list', 'show', 'delete'],
  attributes: {
    ...identity,
    name: optional(name, 'For people; need not be unique.', { ...lookedUp, default: '' }),
    description: optional(text(1024), 'What people should know about the label.', { ...lookedUp, default: '' }),
    shared: optional(flag, 'Whether it counts for the routers of all projects, or of its own alone.', {
      ...lookedUp,
      default: false,
    }),
  },
});

export type MeteringLabelRecord = Stored<typeof meteringLabel>;
export type MeteringLabelCreate = Create<typeof meteringLabel>;
