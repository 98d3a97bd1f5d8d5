import { LOCAL } from '../../../fixtures/own-buses.js';
import { systemClock } from '../../clock/system.js';
import { busContract } from '../bus.contract.js';

busContract('local', {
  hasDenseOffsets: true,
  open: async (partitions) => LOCAL.open({ partitions, clock: systemClock }),
});
