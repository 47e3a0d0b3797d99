// script/bench: measures and prints; asserts nothing.

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
import { type Benchmark, type Result, renderTable } from './result.ts';

const benchmarks: readonly Benchmark[] = [
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
];

const usage = `usage: script/bench [ID…] [--json FILE]

Measures and prints. An ID selects all that begin with it:
${benchmarks.flatMap(({ ids }) => ids.map((id) => `  ${id}\n`)).join('')}`;

const options = { json: { type: 'string' }, help: { type: 'boolean', short: 'h' } } as const;
const { values, positionals } = parseArgs({ options, allowPositionals: true });
const unknown = positionals.filter((prefix) => !benchmarks.some(({ ids }) => ids.some((id) => id.startsWith(prefix))));
if (values.help === true) {
  console.log(usage);
} else if (unknown.length > 0) {
  console.error(`script/bench: nothing begins with ${unknown.join(' or ')}; --help lists all`);
  process.exitCode = 2;
} else {
  const wanted = (id: string) => positionals.length === 0 || positionals.some((prefix) => id.startsWith(prefix));
  const results: Result[] = [];
  for (const benchmark of benchmarks.filter(({ ids }) => ids.some(wanted))) {
    results.push(...(await benchmark.run(wanted)).filter(({ id }) => wanted(id)));
  }
  console.log(renderTable(results));
  if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(results, undefined, 2)}\n`);
}
