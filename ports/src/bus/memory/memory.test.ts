import { MEMORY } from '../../../fixtures/own-buses.js';
import { systemClock } from '../../clock/system.js';
import { busContract } from '../bus.contract.js';

busContract('memory', {
  hasDenseOffsets: true,
  open: async (partitions) => MEMORY.open({ partitions, clock: systemClock }),
});
