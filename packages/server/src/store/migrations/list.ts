// Every migration in the order of its application; Kysely applies them in the order of their names. A migration that
// has been released is never changed.

import type { Migration } from 'kysely/migration';
import { identityFoundation } from '../../identity/migration.ts';
import { foundation } from './0001-foundation.ts';
import { segmentAllocations } from './0003-segment-allocations.ts';
import { securityGroups } from './0004-security-groups.ts';
import { routers } from './0005-routers.ts';
import { portBindings } from './0006-port-bindings.ts';
import { defaultStatefulness } from './0019-default-statefulness.ts';
import { segmentNotes } from './0007-segment-notes.ts';
import { severalGateways } from './0008-several-gateways.ts';
import { trunks } from './0009-trunks.ts';
import { networkSegmentRanges } from './0010-network-segment-ranges.ts';
import { qos } from './0011-qos.ts';
import { distributedRouters } from './0012-distributed-routers.ts';
import { haRouters } from './0013-ha-routers.ts';
import { changeLogByObject } from './0015-change-log-by-object.ts';
import { meteringAndLogs } from './0016-metering-and-logs.ts';
import { localIps } from './0017-local-ips.ts';
import { portHints } from './0018-port-hints.ts';

export const migrations: Readonly<Record<string, Migration>> = {
  '0001-foundation': foundation,
  '0002-identity': identityFoundation,
  '0003-segment-allocations': segmentAllocations,
  '0004-security-groups': securityGroups,
  '0005-routers': routers,
  '0006-port-bindings': portBindings,
  '0007-segment-notes': segmentNotes,
  '0008-several-gateways': severalGateways,
  '0009-trunks': trunks,
  '0010-network-segment-ranges': networkSegmentRanges,
  '0011-qos': qos,
  '0012-distributed-routers': distributedRouters,
  '0013-ha-routers': haRouters,
  '0015-change-log-by-object': changeLogByObject,
  '0016-metering-and-logs': meteringAndLogs,
  '0017-local-ips': localIps,
  '0018-port-hints': portHints,
  '0019-default-statefulness': defaultStatefulness,
};
