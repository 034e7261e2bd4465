import { expect } from 'vitest';
import type { Misbehaviour } from '../../../src/simulator/chip/misbehaviour.ts';
import { loaderV2, RawHost, SYNC } from '../../support/raw-host.ts';

export const READ_MAGIC = 'c0 00 0a 04 00 00 00 00 00 00 10 00 40 c0';
export const MAGIC = 'c0 01 0a 02 00 01 c1 f0 ff 00 00 c0';
export const OHAI = 'c0 4f 48 41 49 c0';

export function chipWith(...misbehave: Misbehaviour[]): RawHost {
  return new RawHost({ misbehave });
}

export function loaderOn(host: RawHost): RawHost {
  host.enterLoader();
  host.send(SYNC);
  host.take();
  expect(host.upload(loaderV2())).toBe(OHAI);
  return host;
}
