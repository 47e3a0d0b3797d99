// script/bench: measures and prints; asserts nothing. `script/bench [ID…] [--json FILE]`; an ID selects all that begin
// with it.

import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { agentBenchmarks } from './agent.ts';
import { agentRestartBenchmarks } from './agent-restart.ts';
import { apiBenchmarks } from './api.ts';
import { fleetBenchmarks } from './fleet.ts';
import { haRouterBenchmarks } from './ha-routers.ts';
import { routerBenchmarks } from './routers.ts';
import { securityGroupBenchmarks } from './security-groups.ts';
import { distributedBenchmarks } from './distributed.ts';
import { hostBenchmarks } from './hosts.ts';
import { requestBenchmarks } from './requests.ts';
import { type Result, renderTable } from './result.ts';

const { values, positionals } = parseArgs({ options: { json: { type: 'string' } }, allowPositionals: true });
const wanted = (id: string) => positionals.length === 0 || positionals.some((prefix) => id.startsWith(prefix));

const results: Result[] = [];
for (const benchmark of [
  ...apiBenchmarks,
  ...requestBenchmarks,
  ...fleetBenchmarks,
  ...agentBenchmarks,
  ...agentRestartBenchmarks,
  ...securityGroupBenchmarks,
  ...hostBenchmarks,
  ...routerBenchmarks,
  ...haRouterBenchmarks,
  ...distributedBenchmarks,
]) {
  if (benchmark.ids.some((id) => wanted(id))) {
    results.push(...(await benchmark.run(wanted)).filter(({ id }) => wanted(id)));
  }
}
console.log(renderTable(results));
if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(results, undefined, 2)}\n`);
