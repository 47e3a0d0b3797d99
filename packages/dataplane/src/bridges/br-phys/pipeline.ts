// The tables of a bridge to a physical network. The bridge may be the operator's own and carry his traffic too, so it
// forwards as an ordinary switch does what does not come from br-int.

import { Pipeline, type FlowOf } from '../../openflow/pipeline.ts';

export const brPhys = new Pipeline('br-phys', {
  LOCAL_SWITCHING: {
    number: 0,
    purpose: 'translates local VLANs to the form that they have on the wire',
    next: ['DVR_PROCESS'],
    miss: { priority: 0, to: 'NORMAL' },
  },
  DVR_PROCESS: {
    number: 1,
    purpose: 'lets what distributed routers of the host send leave as from the host, and keeps what is theirs here',
    next: ['LOCAL_VLAN_TRANSLATION'],
    miss: { priority: 0, to: 'LOCAL_VLAN_TRANSLATION' },
  },
  LOCAL_VLAN_TRANSLATION: {
    number: 2,
    purpose: 'translates the local VLANs of networks behind distributed routers',
    next: [],
    miss: { priority: 0, to: 'drop' },
  },
});

export type BrPhysFlow = FlowOf<typeof brPhys.tables>;

export const priorities = { LOCAL_SWITCHING: { toWire: 4, restOfHost: 2 }, LOCAL_VLAN_TRANSLATION: 4 } as const;
