import { createSeededRandom } from '@kairos/ports/testing';
import { describe, expect, it, vi } from 'vitest';
import type { Outcome } from './calibration.js';
import { chanceAlone, createCalibration, SCORE_BINS, scoreBin } from './calibration.js';

// Thousands of candles take their time on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

describe('the chance that a walk reaches a level', () => {
  it.each([
    [0.002, 0.001, 24],
    [0.002, 0.0003, 120],
    [0.01, 0.004, 48],
  ])('of %d with steps of %d is what %d steps of a random walk show', (distance, volatility, steps) => {
    const random = createSeededRandom(7);
    const normal = () => Array.from({ length: 12 }, random).reduce((sum, each) => sum + each, -6);
    const walks = 4_000;
    let reached = 0;
    for (let walk = 0; walk < walks; walk++) {
      let place = 0;
      for (let step = 0; step < steps && place < distance; step++) place += volatility * normal();
      if (place >= distance) reached++;
    }
    expect(chanceAlone(distance, volatility, steps)).toBeCloseTo(reached / walks, 1);
  });

  it('is none in a market that never moves', () => {
    expect(chanceAlone(0.002, 0, 24)).toBe(0);
  });
});

describe('bins of scores', () => {
  it.each([
    [-1, 0],
    [-0.61, 0],
    [0, 2],
    [0.99, SCORE_BINS - 1],
    [1, SCORE_BINS - 1],
    [7, SCORE_BINS - 1],
  ])('a score of %d is in bin %d', (score, bin) => {
    expect(scoreBin(score)).toBe(bin);
  });
});

describe('calibration', () => {
  const outcome = (cameUp: boolean, bin = 3): Outcome => ({ bin, chance: 0.5, cameUp, cameDown: !cameUp });

  it('is chance alone before anything is known', () => {
    expect(createCalibration(10).chanceOf('up', 3, 0.6)).toBe(0.6);
  });

  it('learns that scores of one bin come right more often than chance, and others do not', () => {
    const calibration = createCalibration(10);
    for (let i = 0; i < 500; i++) {
      calibration.add(outcome(true, 4));
      calibration.add(outcome(false, 0));
    }
    expect(calibration.chanceOf('up', 4, 0.5)).toBeGreaterThan(0.8);
    expect(calibration.chanceOf('up', 0, 0.5)).toBeLessThan(0.2);
    expect(calibration.chanceOf('up', 2, 0.5)).toBeCloseTo(0.5, 2);
  });

  it('believes a few samples little, and less the further they look ahead', () => {
    const near = createCalibration(2);
    const far = createCalibration(100);
    for (let i = 0; i < 10; i++) for (const calibration of [near, far]) calibration.add(outcome(true));
    expect(far.chanceOf('up', 3, 0.5)).toBeLessThan(near.chanceOf('up', 3, 0.5));
    expect(far.chanceOf('up', 3, 0.5)).toBeLessThan(0.53);
  });

  it('is never certain', () => {
    const calibration = createCalibration(1);
    for (let i = 0; i < 10_000; i++) calibration.add(outcome(true));
    expect(calibration.chanceOf('up', 3, 0.9)).toBeLessThan(1);
    expect(calibration.chanceOf('down', 3, 0.1)).toBeGreaterThan(0);
  });

  it('forgets what is removed, to the last bit', () => {
    const random = createSeededRandom(3);
    const outcomes = Array.from({ length: 300 }, () => ({ ...outcome(random() < 0.5), chance: random() }));
    const whole = createCalibration(10);
    const tail = createCalibration(10);
    for (const each of outcomes) whole.add(each);
    for (const each of outcomes.slice(0, 200)) whole.remove(each);
    for (const each of outcomes.slice(200)) tail.add(each);
    expect(whole.samples).toBe(100);
    expect(whole.chanceOf('up', 3, 0.4)).toBe(tail.chanceOf('up', 3, 0.4));
  });
});
