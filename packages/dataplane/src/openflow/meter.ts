// Meters of a bridge (OpenFlow 1.4 section 5.7): what goes through one above its rate is dropped. A bridge has one of
// each number; flows name it.

/** Numbers below both datapaths' most: 2^16 in userspace, and in the kernel as many as 3 % of the memory have room for. */
export const lastMeter = 0xffff;

/** Of what flows send to the controller, without their naming it (OFPM_CONTROLLER). */
export const controllerMeter = 0xfffffffd;

export interface RateMeter {
  /** 1 to lastMeter, or controllerMeter. */
  readonly number: number;
  readonly unit: 'kbps' | 'pktps';
  /** 1000 bits in each second, Ethernet headers included, or packets in each second. At least 1. */
  readonly rate: number;
  /** How much may come at once: 1000 bits, or packets. At least 1. */
  readonly burst: number;
}

/** Whether two meters of one number do the same. */
export function sameMeter(a: RateMeter, b: RateMeter): boolean {
  return a.unit === b.unit && a.rate === b.rate && a.burst === b.burst;
}
