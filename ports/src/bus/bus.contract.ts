/**
 * What every bus promises, whatever stands behind it: the suite that each adapter's tests run.
 *
 * It asks for nothing that Kafka does not give: offsets only grow, a rebalance takes its time, delivery may repeat.
 */
import { describe } from 'vitest';
import { groupContract } from './contract/groups.contract.js';
import type { BusContractOptions } from './contract/harness.contract.js';
import { lifeContract } from './contract/life.contract.js';
import { publishContract } from './contract/publish.contract.js';
import { readContract } from './contract/read.contract.js';

export type { BusContractOptions, BusUnderTest } from './contract/harness.contract.js';

export function busContract(name: string, options: BusContractOptions): void {
  describe(`${name}: bus contract`, () => {
    describe('publish', () => publishContract(options));
    describe('read', () => readContract(options));
    describe('groups', () => groupContract(options));
    describe('life', () => lifeContract(options));
  });
}
