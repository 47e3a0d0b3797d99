// Meters on the wire: changes to them (meter_mod) and the switch's own list of them (OpenFlow 1.4 sections 7.3.4.5 and
// 7.3.5.13).

import type { RateMeter } from '../meter.ts';
import { ByteReader, MalformedMessage } from './bytes.ts';
import { beginMessage, finishMessage, messageType, multipartMeterConfig } from './header.ts';

const command = { add: 0, modify: 1, delete: 2 } as const;
const flag = { kbps: 1, pktps: 2, burst: 4, stats: 8 } as const;
const dropBand = 1; // OFPMBT_DROP
const bandLength = 16;
const allMeters = 0xffffffff; // OFPM_ALL

/** A meter as a switch lists it; `meter` is null for one that our language has no words for. */
export interface InstalledMeter {
  readonly number: number;
  readonly meter: RateMeter | null;
}

/** Adds the meter, which must not be there, or changes the one of its number, which must. */
export function encodeMeterSet(xid: number, how: 'add' | 'modify', meter: RateMeter): Uint8Array {
  const out = beginMessage(messageType.meterMod, xid);
  out.u16(command[how]);
  out.u16(flag[meter.unit] | flag.burst | flag.stats);
  out.u32(meter.number);
  out.u16(dropBand);
  out.u16(bandLength);
  out.u32(meter.rate);
  out.u32(meter.burst);
  out.zeros(4);
  return finishMessage(out);
}

/** Removes the meter, and with it the flows that name it. One that is not there is no mistake. */
export function encodeMeterDelete(xid: number, number: number): Uint8Array {
  const out = beginMessage(messageType.meterMod, xid);
  out.u16(command.delete);
  out.u16(0);
  out.u32(number);
  return finishMessage(out);
}

export function encodeMeterConfigRequest(xid: number): Uint8Array {
  const out = beginMessage(messageType.multipartRequest, xid);
  out.u16(multipartMeterConfig);
  out.u16(0);
  out.zeros(4);
  out.u32(allMeters);
  out.zeros(4);
  return finishMessage(out);
}

const configHead = 8;

/** Reads the entries of one reply that lists meters. */
export function readMeterConfigs(input: ByteReader): readonly InstalledMeter[] {
  const meters: InstalledMeter[] = [];
  while (input.remaining > 0) {
    const length = input.u16();
    if (length < configHead) throw new MalformedMessage(`a meter of ${length} bytes`);
    meters.push(readConfig(new ByteReader(input.bytes(length - 2))));
  }
  return meters;
}

function readConfig(entry: ByteReader): InstalledMeter {
  const [flags, number] = [entry.u16(), entry.u32()];
  const single = entry.remaining === bandLength && (flags & flag.burst) !== 0;
  if (!single || entry.u16() !== dropBand) return { number, meter: null };
  entry.skip(2);
  const unit = (flags & flag.kbps) !== 0 ? 'kbps' : 'pktps';
  return { number, meter: { number, unit, rate: entry.u32(), burst: entry.u32() } };
}
