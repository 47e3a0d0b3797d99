// The canary of the integration bridge: a flow in a table that no packet ever reaches. The end of ovs-vswitchd itself is
// noticed by the end of its connections.

import { brInt } from '@neutronium/dataplane/bridges/br-int/pipeline';
import { BridgeUnreachable, type OpenFlow } from '#effects/openflow/openflow';

/** Whether the bridge still has the flow. */
export async function hasCanaryFlow(openflow: Pick<OpenFlow, 'dumpFlows'>, bridge: string): Promise<boolean> {
  try {
    const flows = await openflow.dumpFlows(bridge, { table: brInt.number('CANARY') });
    return flows.length > 0;
  } catch (error) {
    // Who holds the connection tells of its end.
    if (error instanceof BridgeUnreachable) return true;
    throw error;
  }
}
