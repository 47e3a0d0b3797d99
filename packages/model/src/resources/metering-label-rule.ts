import { computed, optional, required } from '../attribute.ts';
import { choice } from '../kinds/choice.ts';
import { flag } from '../kinds/flag.ts';
import { meteredPrefix } from '../kinds/metered-prefix.ts';
import { text } from '../kinds/text.ts';
import { uuid } from '../kinds/uuid.ts';
import { resource, type Create, type Stored } from '../resource.ts';

const lookedUp = { createOnly: true, filter: true, sort: true } as const;

/** A rule is never changed, only made and removed. It belongs to the project of its label. */
export const meteringLabelRule = resource({
  name: 'metering_label_rule',
  plural: 'metering_label_rules',
  prefix: 'metering',
  doc: 'Traffic that a metering label counts, or that it leaves out.',
  extension: 'metering',
  operations: ['create', 'bulk', 'list', 'show', 'delete'],
  attributes: {
    id: computed(uuid, 'Names the object for as long as it exists.', { filter: true, sort: true }),
    project_id: required(text(255), 'The project of the label. Not shown.', {
      createOnly: true,
      hidden: true,
      requiredByPolicy: true,
    }),
    metering_label_id: required(uuid, 'The label that the rule is one of.', {
      ...lookedUp,
      references: 'metering_labels',
      requiredByPolicy: true,
      index: true,
    }),
    direction: required(
      choice(['ingress', 'egress']),
      'Whether the traffic comes in by the way out of a router, or leaves by it.',
      lookedUp,
    ),
    remote_ip_prefix: optional(
      meteredPrefix('remote_ip_prefix'),
      'The addresses behind the router, in spite of the name: where traffic that comes in is going to, or where traffic ' +
        'that leaves is from.',
      { ...lookedUp, default: null },
    ),
    source_ip_prefix: optional(meteredPrefix('source_ip_prefix'), 'Where the traffic is from.', {
      ...lookedUp,
      default: null,
      extension: 'metering_source_and_destination_fields',
    }),
    destination_ip_prefix: optional(meteredPrefix('destination_ip_prefix'), 'Where the traffic is going to.', {
      ...lookedUp,
      default: null,
      extension: 'metering_source_and_destination_fields',
    }),
    excluded: optional(flag, 'Whether the traffic is not counted, whatever other rules say.', {
      ...lookedUp,
      default: false,
    }),
  },
});

export type MeteringLabelRuleRecord = Stored<typeof meteringLabelRule>;
export type MeteringLabelRuleCreate = Create<typeof meteringLabelRule>;
