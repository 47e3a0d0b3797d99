// From the DHCP servers that there are to those that there should be. Pure.

import { isDeepStrictEqual } from 'node:util';
import type { DhcpPlan } from '@neutronium/dataplane/host-plan';
import { staleLeases } from './leases.ts';
import { loadedMark } from './state.ts';
import type { DhcpProcess, DhcpState, DhcpStates, DhcpStep } from './state.ts';

/** The steps from `actual` to `desired`. A process whose command line is as planned is taken over as it is. */
export function planDhcp(desired: readonly DhcpPlan[], actual: DhcpStates): readonly DhcpStep[] {
  const planned = new Set(desired.map((plan) => plan.networkId));
  const steps: DhcpStep[] = [];
  for (const { networkId, processes } of actual.values()) {
    if (planned.has(networkId)) continue;
    for (const { daemon } of processes) steps.push({ kind: 'stop', networkId, daemon });
    steps.push({ kind: 'remove', networkId });
  }
  for (const plan of desired) steps.push(...stepsOf(plan, actual.get(plan.networkId)));
  return steps;
}

function* stepsOf(plan: DhcpPlan, actual: DhcpState | undefined): Generator<DhcpStep> {
  const right = actual?.processes.find((process) => runsAsPlanned(process, plan));
  for (const { daemon } of actual?.processes ?? []) {
    if (daemon !== right?.daemon) yield { kind: 'stop', networkId: plan.networkId, daemon };
  }
  if (right === undefined) {
    yield { kind: 'start', plan };
  } else if (actual?.loaded !== loadedMark(right.daemon, plan.files) || !sameFiles(plan, actual)) {
    yield { kind: 'reload', plan, daemon: right.daemon };
    yield { kind: 'release', plan };
    return;
  }
  if (staleLeases(actual?.leases ?? [], plan).length > 0) yield { kind: 'release', plan };
}

function runsAsPlanned({ daemon, namespace }: DhcpProcess, plan: DhcpPlan): boolean {
  return namespace === plan.namespace && isDeepStrictEqual(daemon.argv.slice(1), plan.args);
}

function sameFiles(plan: DhcpPlan, actual: DhcpState): boolean {
  return [...plan.files].every(([name, text]) => actual.files.get(name) === text);
}
