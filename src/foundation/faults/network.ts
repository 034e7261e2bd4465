import type { FaultKind } from './fault-kind.ts';

/** N: the network. Production goes on without it. */
export const networkFaults = {
  N01: {
    name: 'BROKER_DOWN',
    outcome: 'EVENT',
    attribution: 'S',
    retry: [],
    cause: 'The broker does not answer; results wait in the outbox.',
    action: 'Check the network and the broker; nothing is lost.',
  },
  N02: {
    name: 'OUTBOX_FULL',
    outcome: 'BLOCKED',
    attribution: 'S',
    retry: ['S station'],
    cause: 'More results wait for the broker than may.',
    action: 'Bring the broker back, or raise the limit.',
  },
  N03: {
    name: 'MES_TIMEOUT',
    outcome: 'BLOCKED',
    attribution: 'S',
    retry: [],
    cause: 'The manufacturing system did not answer in time.',
    action: 'Check the network and the manufacturing system.',
  },
} as const satisfies Record<string, FaultKind>;
