// An IPv6 address inside that a router answers for outside (RFC 4389). The change log has the record below.

import { optional, required } from '../attribute.ts';
import { ipOrAny } from '../kinds/ip-or-any.ts';
import { name } from '../kinds/name.ts';
import { text } from '../kinds/text.ts';
import { uuid } from '../kinds/uuid.ts';
import { resource, type Create, type Stored, type Update, type View } from '../resource.ts';
import { identity, standard } from './standard.ts';

export const ndpProxy = resource({
  name: 'ndp_proxy',
  plural: 'ndp_proxies',
  doc: 'An IPv6 address inside that a router answers for outside.',
  extension: 'l3-ndp-proxy',
  attributes: {
    ...identity,
    name: optional(name, 'For people; need not be unique.', { default: '', filter: true, sort: true }),
    router_id: required(uuid, 'The router.', { createOnly: true, references: 'routers', sort: true, index: true }),
    port_id: required(uuid, 'The port that has the address.', { createOnly: true, sort: true, index: true }),
    ip_address: optional(ipOrAny, 'The address; needed when the port has several of IPv6.', {
      default: null,
      createOnly: true,
      sort: true,
    }),
    description: optional(text(1024), 'What people should know about the object.', { default: '' }),
    created_at: standard.created_at,
    updated_at: standard.updated_at,
    revision_number: standard.revision_number,
  },
});

export type NdpProxy = View<typeof ndpProxy>;
export type NdpProxyRecord = Stored<typeof ndpProxy>;
export type NdpProxyCreate = Create<typeof ndpProxy>;
export type NdpProxyUpdate = Update<typeof ndpProxy>;
