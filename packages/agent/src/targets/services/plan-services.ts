// From the services that there are to those that there should be. Pure.

import { basename } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { devicesFile } from '@neutronium/dataplane/host-plan';
import type { ServicePlan } from '@neutronium/dataplane/host-plan';
import type { ListedProcess } from '#effects/process-list';
import { daemonOf, loadedMark, rootsOf } from './state.ts';
import type { ServiceState, ServiceStates, ServiceStep } from './state.ts';

/** The steps from `actual` to `desired`. A process whose command line is as planned is taken over as it is. */
export function planServices(desired: readonly ServicePlan[], actual: ServiceStates): readonly ServiceStep[] {
  const planned = new Set(desired.map(({ name }) => name));
  const steps: ServiceStep[] = [];
  for (const state of actual.values()) {
    const { name } = state;
    if (planned.has(name)) continue;
    for (const { daemon } of rootsOf(state)) steps.push({ kind: 'stop', name, daemon });
    steps.push({ kind: 'remove', name });
  }
  for (const plan of desired) steps.push(...stepsOf(plan, actual.get(plan.name)));
  return steps;
}

function* stepsOf(plan: ServicePlan, actual: ServiceState | undefined): Generator<ServiceStep> {
  const { name } = plan;
  const found = actual === undefined ? undefined : daemonOf(actual);
  const right = found !== undefined && runsAsPlanned(found, plan) ? found : undefined;
  const current = right !== undefined && actual !== undefined && hasRead(right, { plan, actual });
  const reloads = plan.onNewFiles === 'reload' && actual !== undefined && !hasRemadeDevice(actual, plan);
  const kept = current || reloads ? right : undefined;
  // Those that one which is stopped has made itself end with it; the next look finds them if they do not.
  for (const { daemon } of actual === undefined ? [] : rootsOf(actual)) {
    if (daemon !== kept?.daemon) yield { kind: 'stop', name, daemon };
  }
  if (kept === undefined) yield { kind: 'start', plan };
  else if (!current) yield { kind: 'reload', plan, daemon: kept.daemon };
}

/** Whether a device has another number than when the program last read of it. */
function hasRemadeDevice({ files }: ServiceState, plan: ServicePlan): boolean {
  const before = readDevices(files.get(devicesFile));
  return [...readDevices(plan.files.get(devicesFile))].some(
    ([device, number]) => before.has(device) && before.get(device) !== number,
  );
}

function readDevices(text = ''): ReadonlyMap<string, string> {
  const lines = text.split('\n').map((line) => line.split(' '));
  return new Map(
    lines.flatMap(([device, number]) => (device === undefined || number === undefined ? [] : [[device, number]])),
  );
}

function runsAsPlanned({ daemon, namespace }: ListedProcess, plan: ServicePlan): boolean {
  const [program = '', ...args] = daemon.argv;
  return namespace === plan.namespace && basename(program) === plan.program && isDeepStrictEqual(args, plan.args);
}

/** Whether the files are as planned and the process has read them so. */
function hasRead(
  { daemon }: ListedProcess,
  { plan, actual }: { readonly plan: ServicePlan; readonly actual: ServiceState },
): boolean {
  if (actual.loaded !== loadedMark(daemon, plan.files)) return false;
  return [...plan.files].every(([file, text]) => actual.files.get(file) === text);
}
