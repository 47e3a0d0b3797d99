import { describe, expect, it } from 'vitest';
import { declaredErrors } from './declared-errors.ts';
import * as errors from './errors.ts';

const { ApiError } = errors;

describe('every declared error', () => {
  it.each(Object.entries(declaredErrors))('%s goes by the name under which it is found', (name, error) => {
    expect(error.type).toBe(name);
    expect(error.status).toBeGreaterThanOrEqual(400);
  });
});

describe('an error of something in use', () => {
  /** What uses is no object of this API, or is the very object that the request is about. */
  const ownReasons = new Set([
    'IpAddressInUse',
    'RouterIPv6GatewayInUse',
    'RouterInterfaceInUseByRoute',
    'SubnetPoolInUse',
  ]);
  const inUse = Object.values(declaredErrors).filter(({ type }) =>
    /InUse|FipAssociated|Referenced|AlreadyAllocated/.test(type),
  );

  it.each(inUse.map((error) => [error.type, error] as const))('%s says what uses it', (type, { namesBlockers }) => {
    expect(namesBlockers).toBe(!ownReasons.has(type));
  });
});

describe('an error', () => {
  const error = new errors.NetworkInUse({ net_id: 'n', reason: 'There are ports', blockers: [] });

  it('has the body that clients read', () => {
    expect(error.body()).toEqual({
      NeutronError: {
        type: 'NetworkInUse',
        message: 'Unable to complete operation on network n. There are ports.',
        detail: '',
      },
    });
    expect(error.status).toBe(409);
  });

  it('is told from others by its class', () => {
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toBeInstanceOf(errors.NetworkInUse);
    expect(error).not.toBeInstanceOf(errors.SubnetInUse);
  });

  it('lists what a list names as Python does', () => {
    expect(new errors.OverQuota({ overs: ['network', 'port'] }).message).toBe(
      "Quota exceeded for resources: ['network', 'port'].",
    );
  });
});
