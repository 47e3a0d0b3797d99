import { computed } from '../attribute.ts';
import { cidr } from '../kinds/cidr.ts';
import { text } from '../kinds/text.ts';
import { uuid } from '../kinds/uuid.ts';
import { resource } from '../resource.ts';

export const floatingipPool = resource({
  name: 'floatingip_pool',
  plural: 'floatingip_pools',
  doc: 'A subnet of an external network, which floating IPs are from.',
  extension: 'floatingip-pools',
  primaryKey: 'subnet_id',
  operations: ['list'],
  attributes: {
    subnet_id: computed(uuid, 'The subnet.', { derived: true }),
    subnet_name: computed(text(255), 'Its name.', { derived: true }),
    network_id: computed(uuid, 'Its network.', { derived: true }),
    cidr: computed(cidr, 'Its prefix.', { derived: true }),
    project_id: computed(text(255), 'The project that asks.', { derived: true, requiredByPolicy: true }),
  },
});
