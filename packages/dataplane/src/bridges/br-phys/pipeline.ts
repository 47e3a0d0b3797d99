// The tables of a bridge to a physical network. The bridge may be the operator's own and carry his traffic too, so it
// forwards as an ordinary switch does what does not come from br-int.

import { Pipeline, type FlowOf } from '../../openflow/pipeline.ts';

export const brPhys = new Pipeline('br-phys', {
  LOCAL_SWITCHING: {
    number: 0,
    purpose: 'translates local VLANs to the form that they have on the wire',
    next: [],
    miss: { priority: 0, to: 'NORMAL' },
  },
});

export type BrPhysFlow = FlowOf<typeof brPhys.tables>;

export const priorities = { LOCAL_SWITCHING: { toWire: 4, restOfHost: 2 } } as const;
